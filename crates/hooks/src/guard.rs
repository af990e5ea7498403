//! Which addresses may be reached. Whoever may name an address must not reach through this server
//! what only this server can reach: itself, its neighbours, the metadata of a cloud.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Why an address is not reached: what kind of address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} addresses are not reached", self.0)
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// What is not the public Internet, by the registries of IANA.
const CLASSES_V4: &[(Ipv4Net, &str)] = &[
    (v4(0, 0, 0, 0, 8), "unspecified"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "shared"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "reserved"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "reserved"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

/// The same among the addresses of IPv6 that are routed at all.
const CLASSES_V6: &[(Ipv6Net, &str)] = &[
    // Teredo and the others of these lead elsewhere, or nowhere.
    (v6(0x2001, 0, 23), "reserved"),
    (v6(0x2001, 0xdb8, 32), "documentation"),
    (v6(0x3fff, 0, 20), "documentation"),
];

/// What of IPv6 is routed at all.
const ROUTED: Ipv6Net = v6(0x2000, 0, 3);
/// What a translator sends to the address of IPv4 in the last 32 bits.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 96);
/// What a router sends to the address of IPv4 in the 32 bits after the first 16.
const SIX_TO_FOUR: Ipv6Net = v6(0x2002, 0, 16);

/// Says which addresses may be reached: those of the public Internet, and those that are allowed.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// A guard that lets these networks be reached, too.
    pub const fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Refuses an address that must not be reached.
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        // The same address is written in either way.
        let address = address.to_canonical();
        if self.allowed.iter().any(|net| net.contains(&address)) {
            return Ok(());
        }
        match address {
            IpAddr::V4(address) => check_v4(address),
            IpAddr::V6(address) => self.check_v6(address),
        }
    }

    fn check_v6(&self, address: Ipv6Addr) -> Result<(), Refused> {
        let [_, b, c, _, _, _, g, h] = address.segments();
        if NAT64.contains(&address) {
            return self.check(embedded(g, h));
        }
        if SIX_TO_FOUR.contains(&address) {
            return self.check(embedded(b, c));
        }
        if !ROUTED.contains(&address) {
            return Err(Refused(unrouted(address)));
        }
        refuse(CLASSES_V6.iter().find(|(net, _)| net.contains(&address)).map(|(_, class)| *class))
    }
}

fn check_v4(address: Ipv4Addr) -> Result<(), Refused> {
    refuse(CLASSES_V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, class)| *class))
}

fn refuse(class: Option<&'static str>) -> Result<(), Refused> {
    class.map_or(Ok(()), |class| Err(Refused(class)))
}

fn embedded(high: u16, low: u16) -> IpAddr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

fn unrouted(address: Ipv6Addr) -> &'static str {
    match address.segments()[0] {
        _ if address.is_loopback() => "loopback",
        _ if address.is_unspecified() => "unspecified",
        0xfe80..=0xfebf => "link-local",
        0xfc00..=0xfdff | 0xfec0..=0xfeff => "private",
        0xff00.. => "multicast",
        _ => "reserved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str) -> Option<&'static str> {
        let checked = Guard::default().check(address.parse().unwrap());
        checked.err().map(|Refused(class)| class)
    }

    /// Addresses that are not reached, and what they are.
    const INNER: [(&str, &str); 53] = [
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("10.0.0.1", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.1", "shared"),
        ("100.127.255.255", "shared"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.170", "reserved"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "reserved"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.7", "documentation"),
        ("203.0.113.7", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:7f00:1", "loopback"),
        ("::ffff:10.1.2.3", "private"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:0:127.0.0.1", "reserved"),
        ("64:ff9b::127.0.0.1", "loopback"),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b::169.254.169.254", "link-local"),
        ("64:ff9b:1::1", "reserved"),
        ("100::1", "reserved"),
        ("2001::1", "reserved"),
        ("2001:10::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::", "loopback"),
        ("2002:a00:1::1", "private"),
        ("2002:a9fe:a9fe::1", "link-local"),
        ("3fff::1", "documentation"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("fdff:ffff::1", "private"),
        ("fe80::1", "link-local"),
        ("fe80::a9fe:a9fe", "link-local"),
        ("febf::1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
    ];

    #[test]
    fn only_the_public_internet_is_reached() {
        for (address, expected) in INNER {
            assert_eq!(class(address), Some(expected), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert_eq!(class(address), None, "{address}");
        }
    }

    #[test]
    fn what_is_allowed_is_reached_in_any_spelling_and_its_neighbours_are_not() {
        let nets = ["10.1.0.0/16", "fd12::/16"].map(|net| net.parse().unwrap());
        let guard = Guard::new(nets.to_vec());
        let is_reached = |address: &str| guard.check(address.parse().unwrap()).is_ok();
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd12::1"] {
            assert!(is_reached(address), "{address}");
        }
        for address in ["10.2.0.1", "127.0.0.1", "fd13::1", "::ffff:10.2.0.1"] {
            assert!(!is_reached(address), "{address}");
        }
    }
}
