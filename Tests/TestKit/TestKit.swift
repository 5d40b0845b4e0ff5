// The simulation's lines, clients and readers are the tests' too: there is one of each.
@_exported import Simulation
