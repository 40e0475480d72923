//! What the configuration files and options of a resolver say (pure).

use crate::util::address::{SockAddr, parse_sockaddr_port};

/// The words of a line.
pub fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| matches!(b, b' ' | b'\t' | b'\r')).filter(|w| !w.is_empty())
}

/// The lines of a file; a NUL ends it.
pub fn lines(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = file.iter().position(|&b| b == 0).unwrap_or(file.len());
    file.get(..end).unwrap_or_default().split(|&b| b == b'\n')
}

/// Whether names are asked for in mixed case, which makes answers hard to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MixedCase {
    /// They are not.
    No,
    /// They are, but there are servers and middleboxes that answer in lower case: that counts.
    Yes,
    /// They are, and an answer has to have the same case.
    Strict,
}

/// One setting of a resolver, as `options` in `resolv.conf` and `evdns_base_set_option` give it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// Names with so many dots are tried as they are first.
    Ndots(i32),
    /// How long a server has for an answer, in microseconds.
    Timeout(u64),
    /// How long the other family's answer is waited for.
    Skew(u64),
    /// So many timeouts in a row, and a server is down.
    MaxTimeouts(i32),
    /// So many queries are out at a time.
    MaxInflight(i32),
    /// How often a query is sent.
    Attempts(i32),
    /// Whether names are asked for in mixed case.
    RandomizeCase(MixedCase),
    /// The address that queries come from.
    BindTo(SockAddrText),
    /// When a server that is down is first asked again.
    InitialProbe(u64),
    /// The longest time between two such questions.
    MaxProbe(u64),
    /// How much longer each of these times is than the one before.
    ProbeFactor(i32),
    /// The size of a socket's receive buffer.
    ReceiveBuffer(i32),
    /// The size of its send buffer.
    SendBuffer(i32),
    /// After how long a TCP connection without queries is closed.
    TcpIdle(u64),
    /// The length that answers over UDP may have.
    EdnsSize(u16),
    /// All queries go over TCP.
    UseTcp,
    /// Answers that were cut off are not asked for again over TCP.
    IgnoreTruncation,
    /// Nothing that we know.
    Unknown,
}

/// An address that was parsed, compared by its text form.
#[derive(Clone, Copy, Debug)]
pub struct SockAddrText(pub SockAddr);

impl PartialEq for SockAddrText {
    fn eq(&self, other: &Self) -> bool {
        self.0.compare(&other.0, true).is_eq()
    }
}

/// The longest wait between two probes of a dead server, in microseconds.
const MAX_PROBE: u64 = 3600 * 1_000_000;

/// The longest answer over UDP that there is room for.
const MAX_UDP: i32 = 4096;

/// Whether `given` is the option `name`: with or without the colon, or with anything behind it.
fn is(given: &[u8], name: &[u8]) -> bool {
    given == name || (given.starts_with(name) && given.get(name.len()) == Some(&b':'))
}

/// Reads one option. `None` when the value is no good.
pub fn setting(option: &[u8], value: &[u8]) -> Option<Setting> {
    Some(match option {
        o if is(o, b"ndots") => Setting::Ndots(integer(value)?),
        o if is(o, b"timeout") => Setting::Timeout(duration(value)?),
        o if is(o, b"getaddrinfo-allow-skew") => Setting::Skew(duration(value)?),
        o if is(o, b"max-timeouts") => Setting::MaxTimeouts(integer(value)?.clamp(1, 255)),
        o if is(o, b"max-inflight") => Setting::MaxInflight(integer(value)?.clamp(1, 65000)),
        o if is(o, b"attempts") => Setting::Attempts(integer(value)?.min(255)),
        o if is(o, b"randomize-case") => Setting::RandomizeCase(match integer(value)? {
            0 => MixedCase::No,
            2 => MixedCase::Strict,
            _ => MixedCase::Yes,
        }),
        o if is(o, b"bind-to") => Setting::BindTo(SockAddrText(parse_sockaddr_port(value).ok()?)),
        o if is(o, b"initial-probe-timeout") => {
            Setting::InitialProbe(duration(value)?.min(MAX_PROBE))
        }
        o if is(o, b"max-probe-timeout") => Setting::MaxProbe(duration(value)?.min(MAX_PROBE)),
        o if is(o, b"probe-backoff-factor") => Setting::ProbeFactor(integer(value)?.clamp(1, 255)),
        o if is(o, b"so-rcvbuf") => Setting::ReceiveBuffer(integer(value)?),
        o if is(o, b"so-sndbuf") => Setting::SendBuffer(integer(value)?),
        o if is(o, b"tcp-idle-timeout") => Setting::TcpIdle(duration(value)?),
        o if is(o, b"edns-udp-size") => {
            Setting::EdnsSize(u16::try_from(integer(value)?.clamp(512, MAX_UDP)).unwrap_or(512))
        }
        o if is(o, b"use-vc") => value.is_empty().then_some(Setting::UseTcp)?,
        o if is(o, b"ignore-tc") => value.is_empty().then_some(Setting::IgnoreTruncation)?,
        _ => Setting::Unknown,
    })
}

/// A decimal number; an empty text is 0, as `strtol` has it. -1 stands for "no number" in the
/// reference and is refused.
fn integer(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii_start();
    if text.is_empty() {
        return Some(0);
    }
    let text = core::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // What is out of range is as large as can be.
    let farthest = if text.starts_with('-') { i32::MIN } else { i32::MAX };
    let n = if digits.is_empty() { return None } else { text.parse().unwrap_or(farthest) };
    (n != -1).then_some(n)
}

/// Seconds with a fraction, as microseconds; less than a millisecond is refused. Read digit by digit:
/// core's parser of floating-point numbers has tables of 10 KB.
fn duration(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let mut halves = text.splitn(2, |c| c.eq_ignore_ascii_case(&b'e'));
    let number = halves.next().unwrap_or_default();
    let exponent = match halves.next() {
        Some(text) => core::str::from_utf8(text).ok()?.parse::<i32>().ok()?,
        None => 0,
    };
    // What it says is `n` times ten to the power of `scale`, in microseconds.
    let (mut n, mut scale) = (0_u64, i64::from(exponent).saturating_add(6));
    let (mut digits, mut fraction) = (0_usize, false);
    for c in number {
        match c {
            b'0'..=b'9' => {
                digits = digits.saturating_add(1);
                // Digits behind the sixteenth or so make no difference.
                let room = n < 10_u64.pow(16);
                if room {
                    n = n.saturating_mul(10).saturating_add(u64::from(c & 15));
                }
                scale = scale.saturating_add(i64::from(!room)).saturating_sub(i64::from(fraction));
            }
            b'.' if !fraction => fraction = true,
            _ => return None,
        }
    }
    while scale > 0 && n != 0 {
        n = n.checked_mul(10)?;
        scale = scale.saturating_sub(1);
    }
    while scale < 0 && n != 0 {
        n /= 10;
        scale = scale.saturating_add(1);
    }
    (digits > 0 && (1_000..=2_147_483_647_000_000).contains(&n)).then_some(n)
}

/// One line of `resolv.conf`.
#[derive(Debug)]
pub enum Line<'a> {
    /// A server's address.
    Nameserver(&'a [u8]),
    /// The only domain of the search list.
    Domain(&'a [u8]),
    /// The search list; its words follow.
    Search(&'a [u8]),
    /// Options; their words follow.
    Options(&'a [u8]),
    /// Anything else.
    Nothing,
}

impl<'a> Line<'a> {
    /// Reads a line.
    pub fn parse(line: &'a [u8]) -> Self {
        let mut w = words(line);
        let Some(first) = w.next() else { return Self::Nothing };
        let rest = line
            .windows(first.len())
            .position(|at| at == first)
            .and_then(|at| line.get(at.saturating_add(first.len())..))
            .unwrap_or_default();
        match (first, w.next()) {
            (b"nameserver", Some(address)) => Self::Nameserver(address),
            (b"domain", Some(domain)) => Self::Domain(domain),
            (b"search", _) => Self::Search(rest),
            (b"options", _) => Self::Options(rest),
            _ => Self::Nothing,
        }
    }
}

/// The value behind the colon of an option.
pub fn option_value(option: &[u8]) -> &[u8] {
    match option.iter().position(|&b| b == b':') {
        Some(colon) => option.get(colon.saturating_add(1)..).unwrap_or_default(),
        None => b"",
    }
}

/// The address and the names of a line of the hosts file; `None` if there is nothing in it, or
/// nothing that makes sense.
pub fn hosts_line(line: &[u8]) -> Option<(SockAddr, impl Iterator<Item = &[u8]>)> {
    let end = line.iter().position(|&b| b == b'#').unwrap_or(line.len());
    let mut w = words(line.get(..end).unwrap_or_default());
    let address = parse_sockaddr_port(w.next()?).ok()?;
    (address.port() == 0).then_some((address, w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        assert_eq!(setting(b"ndots", b"3"), Some(Setting::Ndots(3)));
        assert_eq!(setting(b"ndots:", b"3"), Some(Setting::Ndots(3)));
        assert_eq!(setting(b"ndots:3", option_value(b"ndots:3")), Some(Setting::Ndots(3)));
        assert_eq!(setting(b"ndots", b"x"), None);
        assert_eq!(setting(b"ndots", b"-1"), None);
        assert_eq!(setting(b"timeout", b"0.5"), Some(Setting::Timeout(500_000)));
        for (text, us) in [
            (&b" 2"[..], 2_000_000),
            (b"+.25", 250_000),
            (b"3.", 3_000_000),
            (b"0.001", 1_000),
            (b"1.0000009", 1_000_000),
            (b"0.33333333333333333333333333333333333333", 333_333),
            (b"25e-2", 250_000),
            (b"0.000000000000000000000000000000001E33", 1_000_000),
            (b"00000000000000000000000000000000000001e+1", 10_000_000),
            (b"10000000000000000000000000000e-27", 10_000_000),
            (b"2147483647", 2_147_483_647_000_000),
        ] {
            assert_eq!(setting(b"timeout", text), Some(Setting::Timeout(us)));
        }
        for bad in [&b"0"[..], b"0.0009", b"-1", b"", b"nan", b"inf", b"1s"] {
            assert_eq!(setting(b"timeout", bad), None);
        }
        for bad in [&b"."[..], b"e3", b"1e", b"1.2.3", b"1e10", b"1e999999999", b"1e99999999999"] {
            assert_eq!(setting(b"timeout", bad), None);
        }
        for bad in
            [&b"0e9"[..], b"1e-9", b"2147483647.1", b"++1", b"1 ", b"1e1e1", b"1e-99999999999"]
        {
            assert_eq!(setting(b"timeout", bad), None);
        }
        assert_eq!(setting(b"max-timeouts", b"0"), Some(Setting::MaxTimeouts(1)));
        assert_eq!(setting(b"max-inflight:", b"99999"), Some(Setting::MaxInflight(65000)));
        assert_eq!(setting(b"attempts", b"1000"), Some(Setting::Attempts(255)));
        assert_eq!(setting(b"attempts", b"99999999999"), Some(Setting::Attempts(255)));
        assert_eq!(setting(b"ndots", b"-99999999999"), Some(Setting::Ndots(i32::MIN)));
        assert_eq!(setting(b"ndots", b"+"), None);
        assert_eq!(setting(b"edns-udp-size", b"99999"), Some(Setting::EdnsSize(4096)));
        assert_eq!(setting(b"use-vc", b""), Some(Setting::UseTcp));
        assert_eq!(setting(b"ignore-tc:", b"1"), None);
        assert_eq!(setting(b"unheard-of", b"x"), Some(Setting::Unknown));
        assert!(setting(b"bind-to", b"1.2.3").is_none());
    }

    #[test]
    fn resolv_conf() {
        assert!(matches!(Line::parse(b" nameserver\t1.2.3.4 x"), Line::Nameserver(b"1.2.3.4")));
        assert!(matches!(Line::parse(b"nameserver"), Line::Nothing));
        assert!(matches!(Line::parse(b"domain a.b"), Line::Domain(b"a.b")));
        match Line::parse(b"search a  b") {
            Line::Search(rest) => assert!(words(rest).eq([&b"a"[..], b"b"])),
            _ => panic!(),
        }
        assert!(matches!(Line::parse(b"# nameserver 1.2.3.4"), Line::Nothing));
        assert_eq!(lines(b"a\nb\n\0c").count(), 3);
    }

    #[test]
    fn hosts() {
        let (a, mut names) = hosts_line(b"1.2.3.4 one two # three").unwrap();
        assert_eq!(a.compare(&SockAddr::v4([1, 2, 3, 4], 0), true), core::cmp::Ordering::Equal);
        assert_eq!(names.next(), Some(&b"one"[..]));
        assert_eq!(names.next(), Some(&b"two"[..]));
        assert_eq!(names.next(), None);
        assert!(hosts_line(b"1.2.3.4:5 x").is_none());
        assert!(hosts_line(b"#1.2.3.4 x").is_none());
        assert!(hosts_line(b"").is_none());
    }
}
