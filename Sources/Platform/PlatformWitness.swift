import Sessions

/// Somebody who sees what no answer tells of: for whoever checks the books.
package protocol PlatformWitness: AnyObject {
    /// A request about orders is about to be served, or refused, as chance has it.
    func saw(_ verdict: FaultPlan.Verdict, on session: Session)

    /// An answer that takes more than one turn went on: what it changed are the events behind `sequence`.
    func sawProgress(of session: Session, since sequence: UInt64)
}
