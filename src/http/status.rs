//! Reason phrases, methods by name, and the Date header. Pure.

/// The standard phrase of a status code, or that of its class.
pub fn reason(code: i32) -> &'static str {
    match code {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => match code / 100 {
            1 => "Informational",
            2 => "Success",
            3 => "Redirection",
            4 => "Client Error",
            5 => "Server Error",
            _ => "Unknown Status Class",
        },
    }
}

/// The methods by their bit in `enum evhttp_cmd_type`, lowest bit first.
pub static METHODS: [&str; 16] = [
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "LOCK",
    "UNLOCK",
    "COPY",
    "MOVE",
];

/// The bit of a method; method names are case-sensitive. 0 for unknown ones.
pub fn method_bit(name: &[u8]) -> u32 {
    // The one that nearly every request has comes first.
    METHODS.iter().position(|m| m.as_bytes() == name).map_or(0, |i| 1u32.wrapping_shl(i as u32))
}

/// The name of a method bit.
pub fn method_name(bit: u32) -> Option<&'static str> {
    if bit.is_power_of_two() { METHODS.get(bit.trailing_zeros() as usize).copied() } else { None }
}

/// How long a date is: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub const DATE_LEN: usize = 29;

/// Writes the date of `unix` (seconds since 1970) in the form that HTTP prescribes.
pub fn format_date(unix: i64) -> [u8; DATE_LEN] {
    const DAYS: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"];
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    // Years 1970 to 9999 have four digits; clocks outside are broken anyway.
    let unix = unix.clamp(0, 253_402_300_799) as u64;
    let (days, secs) = (unix / 86_400, unix % 86_400);
    // Civil date from a day count, in the calendar of years that begin in March, where the leap
    // day is the last of the year.
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);

    let mut out = *b"Thu, 00 Jan 0000 00:00:00 GMT";
    let mut put = |at: usize, text: &[u8]| {
        if let Some(place) = out.get_mut(at..).and_then(|o| o.get_mut(..text.len())) {
            place.copy_from_slice(text);
        }
    };
    let two = |n: u64| [b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8];
    put(0, DAYS.get((days % 7) as usize).copied().unwrap_or(b"Thu"));
    put(5, &two(day));
    put(8, MONTHS.get((month - 1) as usize).copied().unwrap_or(b"Jan"));
    put(12, &two(year / 100));
    put(14, &two(year));
    put(17, &two(secs / 3600));
    put(20, &two(secs / 60 % 60));
    put(23, &two(secs % 60));
    out
}

/// A date kept for the second that it names.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateCache {
    second: i64,
    text: Option<[u8; DATE_LEN]>,
}

impl DateCache {
    /// The date of `unix`, formatted anew only when the second has changed.
    pub fn at(&mut self, unix: i64) -> [u8; DATE_LEN] {
        match self.text {
            Some(text) if self.second == unix => text,
            _ => {
                let text = format_date(unix);
                self.second = unix;
                self.text = Some(text);
                text
            }
        }
    }
}

/// The decimal digits of a number, without allocation.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    /// Writes `n`.
    pub fn new(mut n: u64) -> Self {
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start = start.saturating_sub(1);
            if let Some(d) = digits.get_mut(start) {
                *d = b'0' + (n % 10) as u8;
            }
            n /= 10;
            if n == 0 {
                return Self { digits, start };
            }
        }
    }

    /// The digits.
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let date = |t| core::str::from_utf8(&format_date(t)).unwrap().to_owned();
        assert_eq!(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date(951_827_696), "Tue, 29 Feb 2000 12:34:56 GMT");
        assert_eq!(date(4_107_542_399), "Sun, 28 Feb 2100 23:59:59 GMT");
        assert_eq!(date(i64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
        let mut c = DateCache::default();
        assert_eq!(c.at(0), format_date(0));
        assert_eq!(c.at(1), format_date(1));
    }

    #[test]
    fn names() {
        assert_eq!(method_bit(b"GET"), 1);
        assert_eq!(method_bit(b"PATCH"), 256);
        assert_eq!(method_bit(b"get"), 0);
        assert_eq!(method_name(4), Some("HEAD"));
        assert_eq!(method_name(3), None);
        assert_eq!(reason(299), "Success");
        assert_eq!(reason(600), "Unknown Status Class");
        assert_eq!(Decimal::new(0).as_bytes(), b"0");
        assert_eq!(Decimal::new(u64::MAX).as_bytes(), b"18446744073709551615");
    }
}
