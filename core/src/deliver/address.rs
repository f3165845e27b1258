//! Which IP addresses events may be delivered to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::error::{Error, Result};

/// The networks besides the public internet that events may be delivered to.
///
/// Without it, a url that a stranger enters can make the sender ask its own databases, the printer or the
/// cloud's metadata service (server-side request forgery).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum AllowPrivate {
    /// None: public addresses only.
    #[default]
    No,
    /// Every address but those of cloud metadata services and link-local ones, which have to be named in
    /// [`Only`](Self::Only). For tests, and where only trusted people enter urls.
    All,
    /// The addresses in these networks, and all public ones.
    Only(Vec<IpNet>),
}

impl AllowPrivate {
    /// The networks written as `10.0.0.0/8`, `fd00::/8` or as one address.
    ///
    /// # Errors
    /// `invalid_argument` for text that is neither.
    pub fn only<S: AsRef<str>>(networks: impl IntoIterator<Item = S>) -> Result<Self> {
        networks.into_iter().map(|network| parse(network.as_ref())).collect::<Result<_>>().map(Self::Only)
    }

    /// Whether events may be delivered to this address.
    pub fn permits(&self, ip: IpAddr) -> bool {
        let ip = target(ip);
        match self {
            _ if is_public(ip) => true,
            Self::No => false,
            Self::All => !is_metadata(ip),
            Self::Only(networks) => networks.iter().any(|network| network.contains(&ip)),
        }
    }
}

/// The address that packets really go to: the IPv4 address inside an IPv4-mapped or NAT64 one (RFC 6052;
/// refusing the latter would cut off networks that have only IPv6).
fn target(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) if MAPPED.contains(&v6) || NAT64.contains(&v6) => last_four(v6).into(),
        _ => ip,
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|network| network.contains(&v4)),
        IpAddr::V6(v6) => {
            GLOBAL_UNICAST.contains(&v6)
                && (!SPECIAL_V6.iter().any(|network| network.contains(&v6))
                    || PUBLIC_IN_SPECIAL_V6.iter().any(|network| network.contains(&v6)))
        }
    }
}

fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => METADATA_V4.iter().any(|network| network.contains(&v4)),
        IpAddr::V6(v6) => {
            METADATA_V6.iter().any(|network| network.contains(&v6))
                || embedded(v6).is_some_and(|v4| is_metadata(v4.into()))
        }
    }
}

/// The IPv4 address in an IPv4-compatible or 6to4 address: old ways to reach one by another name.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    if COMPATIBLE.contains(&v6) {
        return Some(last_four(v6));
    }
    let [_, _, a, b, c, d, ..] = v6.octets();
    SIX_TO_FOUR.contains(&v6).then_some(Ipv4Addr::new(a, b, c, d))
}

fn last_four(v6: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = v6.octets();
    Ipv4Addr::new(a, b, c, d)
}

fn parse(text: &str) -> Result<IpNet> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| {
        Error::argument(format!(
            "allow_private takes networks such as \"10.0.0.0/8\" or \"fd00::/8\", not {text:?}."
        ))
    })
}

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(head: [u16; 4], tail: [u16; 4], bits: u8) -> Ipv6Net {
    let ([a, b, c, d], [e, f, g, h]) = (head, tail);
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

/// The IANA special-purpose registry, and Azure's WireServer, which looks public and is not.
const SPECIAL_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),        // "this network"; Linux connects 0.0.0.0 to itself
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carrier-grade NAT, Alibaba's metadata
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // Azure WireServer
    v4(169, 254, 0, 0, 16),   // link-local, metadata of most clouds
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments, Oracle's metadata
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // 6to4 relays
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, broadcast
];

/// All that IANA has handed out for the public internet; the rest is refused, known or not.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0], [0; 4], 3);

const SPECIAL_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0, 0], [0; 4], 23), // protocol assignments: Teredo, benchmarks, ORCHID
    v6([0x2001, 0xdb8, 0, 0], [0; 4], 32), // documentation
    SIX_TO_FOUR,
    v6([0x3fff, 0, 0, 0], [0; 4], 20), // documentation
];

const PUBLIC_IN_SPECIAL_V6: &[Ipv6Net] = &[
    v6([0x2001, 1, 0, 0], [0, 0, 0, 1], 128), // PCP anycast
    v6([0x2001, 1, 0, 0], [0, 0, 0, 2], 128), // TURN anycast
    v6([0x2001, 3, 0, 0], [0; 4], 32),        // AMT
    v6([0x2001, 4, 0x112, 0], [0; 4], 48),    // AS112
    v6([0x2001, 0x20, 0, 0], [0; 4], 28),     // ORCHIDv2
];

const METADATA_V4: &[Ipv4Net] = &[
    v4(100, 100, 100, 200, 32), // Alibaba
    v4(168, 63, 129, 16, 32),   // Azure WireServer
    v4(169, 254, 0, 0, 16),     // AWS, Azure, Google and most others
    v4(192, 0, 0, 192, 32),     // Oracle
];

const METADATA_V6: &[Ipv6Net] = &[
    v6([0xfd00, 0xec2, 0, 0], [0; 4], 32),           // AWS
    v6([0xfd20, 0xce, 0, 0], [0, 0, 0, 0x254], 128), // Google
    v6([0xfe80, 0, 0, 0], [0; 4], 10),               // link-local
];

const MAPPED: Ipv6Net = v6([0; 4], [0, 0xffff, 0, 0], 96);
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], [0; 4], 96);
const COMPATIBLE: Ipv6Net = v6([0; 4], [0; 4], 96);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], [0; 4], 16);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Code;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn public_addresses() {
        for public in PUBLIC_V4.split_whitespace() {
            for wrapped in ["", "::ffff:", "64:ff9b::"].map(|around| format!("{around}{public}")) {
                assert!(AllowPrivate::No.permits(ip(&wrapped)), "{wrapped}");
            }
        }
        for public in PUBLIC_V6.split_whitespace() {
            assert!(AllowPrivate::No.permits(ip(public)), "{public}");
        }
    }

    #[test]
    fn special_addresses() {
        for special in SPECIAL.split_whitespace() {
            let around = ["", "::ffff:", "64:ff9b::", "::", "::ffff:0:", "::5efe:", "64:ff9b:1::"];
            for wrapped in around.map(|around| format!("{around}{special}")) {
                assert!(!AllowPrivate::No.permits(ip(&wrapped)), "{wrapped}");
            }
        }
        for special in SPECIAL_IN_V6.split_whitespace() {
            assert!(!AllowPrivate::No.permits(ip(special)), "{special}");
        }
    }

    #[test]
    fn all_is_all_but_metadata() {
        let private = "0.0.0.0 10.1.2.3 127.0.0.1 192.168.1.1 ::1 fd12::1 ::ffff:127.0.0.1 64:ff9b::10.0.0.1";
        for private in private.split_whitespace() {
            assert!(AllowPrivate::All.permits(ip(private)), "{private}");
        }
        let everything = AllowPrivate::only(["0.0.0.0/0", "::/0"]).unwrap();
        for metadata in METADATA.split_whitespace() {
            assert!(!AllowPrivate::All.permits(ip(metadata)), "{metadata}");
            assert!(everything.permits(ip(metadata)), "{metadata}");
        }
    }

    #[test]
    fn only_what_is_named() {
        let only = AllowPrivate::only(["10.0.0.0/8", " 192.168.1.7 ", "fd00::/8", "172.16.2.3/12"]).unwrap();
        let named =
            "10.9.9.9 192.168.1.7 172.31.0.1 fd12::1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1 8.8.8.8 2606:4700::1";
        for named in named.split_whitespace() {
            assert!(only.permits(ip(named)), "{named}");
        }
        let other = "127.0.0.1 192.168.1.8 fc00::1 ::1 169.254.169.254 ::ffff:127.0.0.1";
        for other in other.split_whitespace() {
            assert!(!only.permits(ip(other)), "{other}");
        }
    }

    #[test]
    fn networks_are_parsed_or_refused() {
        let wrong =
            ["", "10", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "localhost", "10.0.0.0/8,::1", "010.0.0.1"];
        for wrong in wrong {
            let error = AllowPrivate::only([wrong]).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{wrong}");
            assert!(error.message().contains("allow_private"), "{error}");
        }
        assert_eq!(AllowPrivate::only([""; 0]).unwrap(), AllowPrivate::Only(Vec::new()));
    }

    proptest! {
        #[test]
        fn wider_policies_only_add(bits: u128, global: bool) {
            // Half of them where public addresses are.
            let bits = if global { bits >> 3 | 1 << 125 } else { bits };
            let ip = IpAddr::V6(Ipv6Addr::from(bits));
            let everything = AllowPrivate::only(["0.0.0.0/0", "::/0"]).unwrap();
            prop_assert!(!AllowPrivate::No.permits(ip) || AllowPrivate::All.permits(ip));
            prop_assert!(!AllowPrivate::All.permits(ip) || everything.permits(ip));
        }

        #[test]
        fn a_mapped_address_is_its_inner_one(bits: u32) {
            let inner = Ipv4Addr::from(bits);
            for policy in [AllowPrivate::No, AllowPrivate::All] {
                prop_assert_eq!(policy.permits(inner.into()), policy.permits(inner.to_ipv6_mapped().into()));
            }
        }
    }

    /// Of the special networks, the addresses just outside.
    const PUBLIC_V4: &str = "1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 \
        126.255.255.255 128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 \
        172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.31.196.1 192.52.193.1 192.88.98.255 192.88.100.0 \
        192.167.255.255 192.169.0.0 192.175.48.1 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 \
        203.0.112.255 203.0.114.0 223.255.255.255";

    const PUBLIC_V6: &str = "2000::1 2001:200::1 2606:4700:4700::1111 2620:4f:8000::1 2a00:1450:4001::1 2003::1 \
        3ffe::1 3fff:1000:: 2001:db7:ffff::1 2001:db9::1 2001:1::1 2001:1::2 2001:3::1 2001:4:112::1 \
        2001:20::1 2001:2f:ffff::1 3fff:ffff::1";

    /// The first and last addresses of the special networks, and the known ones in them.
    const SPECIAL: &str = "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 \
        100.127.255.255 127.0.0.0 127.0.0.1 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 \
        169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.192 192.0.0.255 192.0.2.1 192.88.99.1 \
        192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.0 \
        239.255.255.255 240.0.0.1 255.255.255.255";

    const SPECIAL_IN_V6: &str = ":: ::1 ::2 ::8.8.8.8 ::ffff:0:8.8.8.8 ::5efe:8.8.8.8 0:1:: 64:ff9b:0:0:1:: \
        64:ff9b:1::8.8.8.8 64:ff9b:ffff::1 100::1 100:0:0:1::1 1fff:ffff::1 2001::1 2001:0:4136:e378::1 2001:1:: \
        2001:1::3 2001:2::1 2001:2:0:ffff::1 2001:4:111::1 2001:10::1 2001:1f:ffff::1 2001:30::1 \
        2001:1ff:ffff::1 2001:db8::1 2001:db8:ffff::1 2002::1 2002:808:808::1 2002:7f00:1:: 3fff::1 \
        3fff:fff:ffff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456::1 fd20:ce::254 fe00::1 fe80::1 \
        febf::1 fec0::1 feff::1 ff00::1 ff02::1 ff0e::1";

    const METADATA: &str = "169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192 \
        fd00:ec2::254 fd20:ce::254 fe80::1 ::ffff:169.254.169.254 64:ff9b::169.254.169.254 ::169.254.169.254 \
        2002:a9fe:a9fe::1";
}
