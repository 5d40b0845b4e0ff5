import Platform
import Reactor

@testable import TradeLoop

extension HostedPlatform {
    /// A look at the platform that does not keep it.
    @LoopActor
    final class WeakPlatform {
        private weak var platform: Platform?

        init(_ platform: Platform?) { self.platform = platform }

        var isThere: Bool { platform != nil }
    }

    func weakPlatform() -> WeakPlatform { WeakPlatform(platform) }
}
