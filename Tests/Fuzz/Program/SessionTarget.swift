/// The whole platform on a simulated network.
///
/// The input's first byte says whether it is one client, whose bytes are also delivered whole for comparison,
/// or several, with time and a stop of the server; the rest are deeds.
enum SessionTarget: FuzzTarget {
    static func take(_ input: [UInt8]) {
        var script = Script(input)
        if script.byte() & 1 == 0 {
            var crowd = Crowd(&script)
            crowd.run(&script)
        } else {
            var soloist = Soloist(&script)
            soloist.run(&script)
        }
    }
}
