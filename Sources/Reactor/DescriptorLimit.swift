import CLibUV

/// How many descriptors, and so connections, the system lets the process have.
public enum DescriptorLimit {
    /// What the limit is now.
    public static var current: Int {
        var limit = rlimit()
        return tradeloop_get_descriptor_limit(&limit) == 0 ? Int(clamping: limit.rlim_cur) : 1_024
    }

    /// Raises the limit as far as this user may, and answers what it is then.
    public static func raise() -> Int {
        var limit = rlimit()
        guard tradeloop_get_descriptor_limit(&limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if tradeloop_set_descriptor_limit(&raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
