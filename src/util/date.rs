//! Dates as HTTP writes them (pure).

use core::fmt::{self, Write};

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The length of a date of the years 0 to 9999: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub const RFC1123_LEN: usize = 29;

/// Text that fits into a buffer, and the length of the text that was asked for.
struct Cut<'a> {
    out: &'a mut [u8],
    wanted: usize,
}

impl Write for Cut<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        if let Some(room) = self.out.get_mut(self.wanted..) {
            for (to, from) in room.iter_mut().zip(s.bytes()) {
                *to = from;
            }
        }
        self.wanted = self.wanted.saturating_add(s.len());
        Ok(())
    }
}

/// Writes the date and a NUL as far as they fit into `out`, and returns the length of the whole
/// date as `snprintf` does; 0 for an empty buffer. `None` when the weekday or the month does not exist.
pub fn format_rfc1123(out: &mut [u8], tm: &libc::tm) -> Option<usize> {
    let day = DAYS.get(usize::try_from(tm.tm_wday).ok()?)?;
    let month = MONTHS.get(usize::try_from(tm.tm_mon).ok()?)?;
    let Some(room) = out.len().checked_sub(1) else { return Some(0) };
    let (text, end) = out.split_at_mut_checked(room)?;
    let mut cut = Cut { out: text, wanted: 0 };
    let _ = write!(
        cut,
        "{day}, {:02} {month} {:4} {:02}:{:02}:{:02} GMT",
        tm.tm_mday,
        i64::from(tm.tm_year) + 1900,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec
    );
    let wanted = cut.wanted;
    match text.get_mut(wanted) {
        Some(nul) => *nul = 0,
        None => end.fill(0),
    }
    Some(wanted)
}

/// The calendar fields of a Unix time, in UTC. (`gmtime_r` as arithmetic; days count from 1970.)
pub fn utc(time: i64) -> Option<libc::tm> {
    let (days, second) = (time.div_euclid(86_400), time.rem_euclid(86_400));
    // Years that begin in March put the leap day last; 146,097 days make 400 years.
    let shifted = days.checked_add(719_468)?;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era.checked_mul(400)?.checked_add(year_of_era + i64::from(month <= 2))?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    // Days before the March-based year's first day in the January-based year.
    let yday =
        if march_month < 10 { day_of_year + 59 + i64::from(leap) } else { day_of_year - 306 };
    let int = |v: i64| libc::c_int::try_from(v).ok();
    // SAFETY: an all-zero tm is a valid value of a plain C struct (its pointer is null).
    let mut tm: libc::tm = unsafe { core::mem::zeroed() };
    tm.tm_sec = int(second % 60)?;
    tm.tm_min = int(second / 60 % 60)?;
    tm.tm_hour = int(second / 3600)?;
    tm.tm_mday = int(day)?;
    tm.tm_mon = int(month - 1)?;
    tm.tm_year = int(year - 1900)?;
    tm.tm_wday = int((days + 4).rem_euclid(7))?;
    tm.tm_yday = int(yday)?;
    Some(tm)
}

/// Writes a Unix time as an HTTP date; returns the text within `out`.
pub fn date_rfc1123(out: &mut [u8; RFC1123_LEN + 1], time: i64) -> &[u8] {
    let len = utc(time).and_then(|tm| format_rfc1123(out, &tm)).unwrap_or(0);
    out.get(..len.min(RFC1123_LEN)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_truncates() {
        let mut out = [1_u8; RFC1123_LEN + 1];
        assert_eq!(date_rfc1123(&mut out, 784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date_rfc1123(&mut out, 0), b"Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(date_rfc1123(&mut out, 1_709_210_096), b"Thu, 29 Feb 2024 12:34:56 GMT");
        let mut short = [1_u8; 6];
        let tm = utc(784_111_777).unwrap();
        assert_eq!(format_rfc1123(&mut short, &tm), Some(29));
        assert_eq!(&short, b"Sun, \0");
        assert_eq!(format_rfc1123(&mut [], &tm), Some(0));
        let bad = libc::tm { tm_wday: 7, ..tm };
        assert_eq!(format_rfc1123(&mut short, &bad), None);
    }

    #[test]
    fn calendar() {
        for (time, year, yday, wday) in
            [(-1, 69, 364, 3), (951_782_400, 100, 59, 2), (1_735_603_200, 124, 365, 2)]
        {
            let tm = utc(time).unwrap();
            assert_eq!((tm.tm_year, tm.tm_yday, tm.tm_wday), (year, yday, wday));
        }
        assert!(utc(i64::MAX).is_none());
    }
}
