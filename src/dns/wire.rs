//! The DNS message format (RFC 1035), pure: bytes in, values out, and back.
//!
//! Reading never trusts a length or a count before it has met the end of the packet. A compression
//! pointer may only point to before the place where the current run of labels began, so that every
//! jump goes backwards and a name is read in bounded steps whatever the packet says.

/// A name in text has at most so many bytes.
pub const MAX_NAME: usize = 255;
/// A label has at most so many.
pub const MAX_LABEL: usize = 63;
/// The fixed part in front of every message.
pub const HEADER: usize = 12;
/// A query with one question of any legal name, and what says how long the answer may be, fit.
pub const MAX_QUERY: usize = HEADER + MAX_NAME + 2 + 4 + OPT_RECORD;
/// The record that says how long the answer may be (RFC 6891).
pub const OPT_RECORD: usize = 11;
/// Replies over UDP without EDNS may be that long.
pub const UDP_REPLY: usize = 512;

/// The message is an answer.
pub const QR: u16 = 0x8000;
/// The kind of query.
pub const OPCODE: u16 = 0x7800;
/// The answer was cut off.
pub const TC: u16 = 0x0200;
/// Recursion is asked for.
pub const RD: u16 = 0x0100;
/// Checking is disabled (DNSSEC).
pub const CD: u16 = 0x0010;
/// The result code.
pub const RCODE: u16 = 0x000f;

/// Record types that the resolver looks at.
pub const TYPE_A: u16 = 1;
/// A canonical name.
pub const TYPE_CNAME: u16 = 5;
/// A start of authority.
pub const TYPE_SOA: u16 = 6;
/// A pointer to a name.
pub const TYPE_PTR: u16 = 12;
/// An IPv6 address.
pub const TYPE_AAAA: u16 = 28;
/// Not a record, but more room in the header (EDNS).
pub const TYPE_OPT: u16 = 41;
/// The Internet.
pub const CLASS_INET: u16 = 1;

/// The message is not well formed, or what was to be written does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It ends too early, or a pointer leads astray.
    Packet,
    /// A name or a label is too long or empty in its middle.
    Name,
    /// There is no room for it.
    Full,
}

/// The result of reading and writing.
pub type Result<T> = core::result::Result<T, Malformed>;

/// A name in text, without the final dot.
#[derive(Clone, Copy)]
pub struct Name {
    bytes: [u8; MAX_NAME + 1],
    len: usize,
}

impl core::fmt::Debug for Name {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::new()
    }
}

impl Name {
    /// The root.
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_NAME + 1], len: 0 }
    }

    /// A copy of `text`, if it is not too long.
    pub fn from_bytes(text: &[u8]) -> Option<Self> {
        let mut new = Self::new();
        new.push(text).ok()?;
        Some(new)
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The text with a NUL behind it.
    pub fn as_bytes_with_nul(&self) -> &[u8] {
        // The last byte of the array never belongs to the text.
        self.bytes.get(..=self.len).unwrap_or_default()
    }

    /// Appends text.
    pub fn push(&mut self, text: &[u8]) -> Result<()> {
        let end = self.len.checked_add(text.len()).filter(|e| *e <= MAX_NAME);
        let end = end.ok_or(Malformed::Name)?;
        let room = self.bytes.get_mut(self.len..end).ok_or(Malformed::Name)?;
        room.copy_from_slice(text);
        self.len = end;
        Ok(())
    }
}

/// Where the reading of a message stands.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    packet: &'a [u8],
    at: usize,
    /// Where a name stands that has been read already and is well formed; 0 when there is none.
    sound: usize,
}

impl<'a> Reader<'a> {
    /// From the start of a message.
    pub fn new(packet: &'a [u8]) -> Self {
        Self { packet, at: 0, sound: 0 }
    }

    /// What comes.
    fn rest(&self) -> &'a [u8] {
        self.packet.get(self.at..).unwrap_or_default()
    }

    /// `N` bytes.
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let got = self.rest().first_chunk().ok_or(Malformed::Packet)?;
        self.at = self.at.saturating_add(N);
        Ok(*got)
    }

    /// `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(n).ok_or(Malformed::Packet)?;
        let got = self.packet.get(self.at..end).ok_or(Malformed::Packet)?;
        self.at = end;
        Ok(got)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8> {
        self.array().map(|[b]| b)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// How much is left.
    pub fn left(&self) -> usize {
        self.packet.len().saturating_sub(self.at)
    }

    /// A name, wherever its pointers lead. Labels with a NUL or a dot in them, which text cannot
    /// show, are refused.
    pub fn name(&mut self) -> Result<Name> {
        let mut name = Name::new();
        self.walk(|label| {
            if label.contains(&0) || label.contains(&b'.') {
                return Err(Malformed::Name);
            }
            if name.len > 0 {
                name.push(b".")?;
            }
            name.push(label)
        })?;
        Ok(name)
    }

    /// Passes over a name.
    pub fn skip_name(&mut self) -> Result<()> {
        // The name of most records in an answer is a pointer to the question's, which was looked
        // at already.
        if let [high, low, ..] = self.rest()
            && *high >= 0xc0
            && self.sound != 0
            && usize::from(u16::from_be_bytes([high & 0x3f, *low])) == self.sound
            && self.sound < self.at
        {
            self.at = self.at.saturating_add(2);
            return Ok(());
        }
        self.walk(|_| Ok(()))
    }

    fn walk(&mut self, mut each: impl FnMut(&'a [u8]) -> Result<()>) -> Result<()> {
        // A pointer has to lead to before this place, which moves back with every jump.
        let mut limit = self.at;
        let mut resume = None;
        let mut total = 0_usize;
        loop {
            let len = self.u8()?;
            match len {
                0 => break,
                1..=63 => {
                    total = total.saturating_add(usize::from(len)).saturating_add(1);
                    // The text has one dot less than there are labels.
                    if total > MAX_NAME.saturating_add(1) {
                        return Err(Malformed::Name);
                    }
                    each(self.bytes(usize::from(len))?)?;
                }
                0xc0.. => {
                    let low = self.u8()?;
                    resume.get_or_insert(self.at);
                    let to = usize::from(u16::from_be_bytes([len & 0x3f, low]));
                    if to >= limit {
                        return Err(Malformed::Packet);
                    }
                    limit = to;
                    self.at = to;
                }
                // 01 and 10 are reserved.
                _ => return Err(Malformed::Packet),
            }
        }
        if let Some(at) = resume {
            self.at = at;
        }
        Ok(())
    }
}

/// The fixed part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Which query it belongs to.
    pub id: u16,
    /// `QR`, `TC` and so on.
    pub flags: u16,
    /// The number of questions.
    pub questions: u16,
    /// The numbers of answers, authorities and additional records.
    pub records: [u16; 3],
}

impl Header {
    /// Reads it.
    pub fn read(r: &mut Reader<'_>) -> Result<Self> {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = r.array::<HEADER>()?;
        let word = |high, low| u16::from_be_bytes([high, low]);
        Ok(Self {
            id: word(a, b),
            flags: word(c, d),
            questions: word(e, f),
            records: [word(g, h), word(i, j), word(k, l)],
        })
    }
}

/// A record without its name.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// `TYPE_*`.
    pub kind: u16,
    /// `CLASS_INET`.
    pub class: u16,
    /// How many seconds it is good for.
    pub ttl: u32,
    /// What it says.
    pub data: &'a [u8],
    /// A reader that stands at the data and sees the whole packet, for names in it.
    pub inside: Reader<'a>,
}

impl<'a> Record<'a> {
    /// Reads a record, whose data has to lie in the packet.
    pub fn read(r: &mut Reader<'a>) -> Result<Self> {
        r.skip_name()?;
        let [k1, k2, c1, c2, t1, t2, t3, t4, l1, l2] = r.array()?;
        let len = usize::from(u16::from_be_bytes([l1, l2]));
        let inside = *r;
        Ok(Self {
            kind: u16::from_be_bytes([k1, k2]),
            class: u16::from_be_bytes([c1, c2]),
            ttl: u32::from_be_bytes([t1, t2, t3, t4]),
            data: r.bytes(len)?,
            inside,
        })
    }
}

/// How many names an encoder remembers for compression.
const MAX_REMEMBERED: usize = 128;
/// A pointer reaches no farther.
const POINTER_REACH: usize = 0x4000;

/// A message in the making, in a buffer of the caller's.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut [u8],
    len: usize,
}

/// The names written so far, as the texts that end in them, and where they stand.
#[derive(Debug)]
pub struct Table<'n> {
    names: [(&'n [u8], u16); MAX_REMEMBERED],
    len: usize,
}

impl Default for Table<'_> {
    fn default() -> Self {
        Self { names: [(&[], 0); MAX_REMEMBERED], len: 0 }
    }
}

impl<'n> Table<'n> {
    fn find(&self, name: &[u8]) -> Option<u16> {
        let known = self.names.get(..self.len)?;
        known.iter().find(|(n, _)| *n == name).map(|(_, at)| *at)
    }

    fn remember(&mut self, name: &'n [u8], at: usize) {
        if at < POINTER_REACH
            && let (Some(free), Ok(at)) = (self.names.get_mut(self.len), u16::try_from(at))
        {
            *free = (name, at);
            self.len += 1;
        }
    }
}

impl<'a> Writer<'a> {
    /// At the start of `out`.
    pub fn new(out: &'a mut [u8]) -> Self {
        Self { out, len: 0 }
    }

    /// How much has been written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends bytes. If they do not fit, what does is written all the same.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let room = self.out.get_mut(self.len..).unwrap_or_default();
        let n = room.len().min(bytes.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n), bytes.get(..n)) {
            to.copy_from_slice(from);
            self.len = self.len.saturating_add(n);
        }
        if n == bytes.len() { Ok(()) } else { Err(Malformed::Full) }
    }

    /// Appends two bytes.
    pub fn u16(&mut self, value: u16) -> Result<()> {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends four bytes.
    pub fn u32(&mut self, value: u32) -> Result<()> {
        self.bytes(&value.to_be_bytes())
    }

    /// Overwrites two bytes at `at`, which have been written.
    pub fn patch(&mut self, at: usize, value: u16) {
        if let Some(place) = at.checked_add(2).and_then(|end| self.out.get_mut(at..end)) {
            place.copy_from_slice(&value.to_be_bytes());
        }
    }

    /// Appends a name given as text, with the help of `table` as pointers to names before it.
    pub fn name<'n>(&mut self, name: &'n [u8], table: Option<&mut Table<'n>>) -> Result<()> {
        if name.len() > MAX_NAME {
            return Err(Malformed::Name);
        }
        let mut table = table;
        let mut rest = name.strip_suffix(b".").unwrap_or(name);
        if table.is_none()
            && let Some(room) =
                self.out.get_mut(self.len..).and_then(|r| r.get_mut(..rest.len().saturating_add(2)))
        {
            let n = labels(room, rest)?;
            self.len = self.len.saturating_add(n);
            return Ok(());
        }
        while !rest.is_empty() {
            if let Some(t) = table.as_deref_mut() {
                if let Some(at) = t.find(rest) {
                    return self.u16(at | 0xc000);
                }
                t.remember(rest, self.len);
            }
            let (label, next) = match rest.iter().position(|&b| b == b'.') {
                None => (rest, None),
                Some(dot) => (
                    rest.get(..dot).unwrap_or_default(),
                    Some(rest.get(dot.saturating_add(1)..).unwrap_or_default()),
                ),
            };
            let len = u8::try_from(label.len()).map_err(|_| Malformed::Name)?;
            if len == 0 || label.len() > MAX_LABEL || next.is_some_and(<[u8]>::is_empty) {
                return Err(Malformed::Name);
            }
            self.bytes(&[len])?;
            self.bytes(label)?;
            rest = next.unwrap_or_default();
        }
        // The root's label has to fit as well.
        self.bytes(&[0])
    }
}

/// Writes the labels of `text`, which has no dot at its end, and the root's to `room`, which is two
/// bytes longer. Returns how many bytes that took.
fn labels(room: &mut [u8], text: &[u8]) -> Result<usize> {
    let Some((first, rest)) = room.split_first_mut() else { return Err(Malformed::Full) };
    if text.is_empty() {
        *first = 0;
        return Ok(1);
    }
    let Some((root, body)) = rest.split_last_mut() else { return Err(Malformed::Full) };
    if body.len() != text.len() {
        return Err(Malformed::Full);
    }
    body.copy_from_slice(text);
    *root = 0;
    // In the place of each dot goes the length of the label behind it.
    let mut len = 0u8;
    let close = |place: &mut u8, len: &mut u8| {
        if *len == 0 || usize::from(*len) > MAX_LABEL {
            return Err(Malformed::Name);
        }
        *place = core::mem::take(len);
        Ok(())
    };
    for b in body.iter_mut().rev() {
        if *b == b'.' {
            close(b, &mut len)?;
        } else {
            len = len.saturating_add(1);
        }
    }
    close(first, &mut len)?;
    Ok(text.len().saturating_add(2))
}

/// The name in the question of a query that [`write_query`] wrote, as it stands there.
fn question_name(query: &[u8]) -> Option<&[u8]> {
    let edns = query.get(..HEADER)?.last().is_some_and(|n| *n != 0);
    let behind = 4_usize.saturating_add(if edns { OPT_RECORD } else { 0 });
    query.get(HEADER..query.len().checked_sub(behind)?)
}

/// Makes the letters in the name of such a query small where a bit of `bits` is set, else capital.
pub fn mix_case(query: &mut [u8], bits: &[u8; MAX_NAME.div_ceil(8) + 1]) {
    let len = question_name(query).map_or(0, <[u8]>::len);
    let Some(name) = query.get_mut(HEADER..).and_then(|q| q.get_mut(..len)) else { return };
    // The lengths of labels are below any letter.
    let (eights, rest) = name.as_chunks_mut::<8>();
    let mut bits = bits.iter();
    for (eight, bits) in eights.iter_mut().zip(bits.by_ref()) {
        *eight = mixed(u64::from_le_bytes(*eight), *bits).to_le_bytes();
    }
    let mut last = [0; 8];
    if let (Some(part), Some(bits)) = (last.get_mut(..rest.len()), bits.next()) {
        part.copy_from_slice(rest);
        let last = mixed(u64::from_le_bytes(last), *bits).to_le_bytes();
        for (to, from) in rest.iter_mut().zip(last) {
            *to = from;
        }
    }
}

/// Eight bytes at a time: the letter in byte `i` becomes a small one if bit `i` is set.
fn mixed(text: u64, bits: u8) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    // Bit i alone in byte i; then 0x20 in each byte that is not 0. No sum below leaves its byte.
    let spread = u64::from(bits).wrapping_mul(EACH) & 0x8040_2010_0804_0201;
    let small = (spread.wrapping_add(0x7f * EACH) | spread) & HIGH;
    let lower = (text | (0x20 * EACH)) & (0x7f * EACH);
    let from_a = lower.wrapping_add((0x80 - 0x61) * EACH);
    let past_z = lower.wrapping_add((0x80 - 0x7b) * EACH);
    let letter = from_a & !past_z & !text & HIGH;
    (text & !(letter >> 2)) | ((small & letter) >> 2)
}

/// Writes a query with one question; returns its length. With a `size` over 512, the server is told
/// that the answer may be that long.
pub fn write_query(out: &mut [u8], id: u16, name: &[u8], kind: u16, size: u16) -> Result<usize> {
    let mut w = Writer::new(out);
    let edns = usize::from(size) > UDP_REPLY;
    let ([i1, i2], [f1, f2]) = (id.to_be_bytes(), RD.to_be_bytes());
    w.bytes(&[i1, i2, f1, f2, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)])?;
    w.name(name, None)?;
    let ([k1, k2], [c1, c2]) = (kind.to_be_bytes(), CLASS_INET.to_be_bytes());
    w.bytes(&[k1, k2, c1, c2])?;
    if edns {
        let ([k1, k2], [s1, s2]) = (TYPE_OPT.to_be_bytes(), size.to_be_bytes());
        w.bytes(&[0, k1, k2, s1, s2, 0, 0, 0, 0, 0, 0])?;
    }
    Ok(w.len())
}

/// So many addresses are kept from an answer.
pub const MAX_ADDRESSES: usize = 32;

/// What a reply says about the question.
#[derive(Debug)]
pub struct Reply<'a> {
    /// Where addresses go: packed, 4 or 16 bytes each.
    pub addresses: &'a mut [u8],
    /// How many bytes of it are filled.
    pub filled: usize,
    /// The name that a `PTR` record gives.
    pub name: Option<Name>,
    /// The first canonical name.
    pub cname: Option<Name>,
    /// How many seconds all that is good for.
    pub ttl: u32,
}

impl<'a> Reply<'a> {
    /// Nothing yet.
    pub fn new(addresses: &'a mut [u8]) -> Self {
        Self { addresses, filled: 0, name: None, cname: None, ttl: u32::MAX }
    }

    /// Whether there is an answer.
    pub fn has_answer(&self) -> bool {
        self.filled > 0 || self.name.is_some()
    }

    fn keep(&mut self, data: &[u8], unit: usize) -> Result<()> {
        if data.len().checked_rem(unit) != Some(0) {
            return Err(Malformed::Packet);
        }
        for one in data.chunks_exact(unit) {
            let end = self.filled.saturating_add(unit);
            if let Some(room) = self.addresses.get_mut(self.filled..end) {
                room.copy_from_slice(one);
                self.filled = end;
            }
        }
        Ok(())
    }

    /// Reads what comes behind the header. The questions have to name what `query`, a query that we
    /// wrote, asks for; letters are compared exactly with `exact`.
    pub fn read(
        &mut self,
        r: &mut Reader<'_>,
        header: &Header,
        query: &[u8],
        kind: u16,
        exact: bool,
    ) -> Result<()> {
        self.questions(r, header.questions, query, exact)?;
        let [answers, authorities, _] = header.records;
        for _ in 0..answers {
            let record = Record::read(r)?;
            match record.kind {
                TYPE_CNAME => {
                    if self.cname.is_none() {
                        // One that makes no sense is no reason to do without the addresses.
                        let mut inside = record.inside;
                        self.cname = inside.name().ok();
                    }
                }
                k if k != kind || record.class != CLASS_INET => {}
                TYPE_PTR => {
                    let mut inside = record.inside;
                    self.name = Some(inside.name()?);
                    self.ttl = self.ttl.min(record.ttl);
                    break;
                }
                k => {
                    self.keep(record.data, if k == TYPE_AAAA { 16 } else { 4 })?;
                    self.ttl = self.ttl.min(record.ttl);
                    if self.filled == self.addresses.len() {
                        break;
                    }
                }
            }
        }
        if !self.has_answer() {
            self.authorities(r, authorities)?;
        }
        if self.ttl == u32::MAX {
            self.ttl = 0;
        }
        Ok(())
    }

    fn questions(&self, r: &mut Reader<'_>, n: u16, query: &[u8], exact: bool) -> Result<()> {
        let written = question_name(query).ok_or(Malformed::Packet)?;
        let start = r.at;
        let mut matches = false;
        for _ in 0..n {
            // Mostly the question comes back as it was.
            if r.rest().starts_with(written) {
                r.bytes(written.len())?;
                matches = true;
            } else {
                let theirs = r.name()?;
                let mut ours = Reader::new(query);
                ours.bytes(HEADER)?;
                let ours = ours.name()?;
                matches |= if exact {
                    theirs.as_bytes() == ours.as_bytes()
                } else {
                    theirs.as_bytes().eq_ignore_ascii_case(ours.as_bytes())
                };
            }
            r.u32()?;
            r.sound = start;
        }
        if matches { Ok(()) } else { Err(Malformed::Name) }
    }

    /// How long the absence of an answer holds (RFC 2308).
    fn authorities(&mut self, r: &mut Reader<'_>, n: u16) -> Result<()> {
        for _ in 0..n {
            let record = Record::read(r)?;
            if record.kind != TYPE_SOA || record.class != CLASS_INET {
                continue;
            }
            let mut inside = record.inside;
            inside.skip_name()?;
            inside.skip_name()?;
            let (_serial, _refresh, _retry) = (inside.u32()?, inside.u32()?, inside.u32()?);
            let (_expire, minimum) = (inside.u32()?, inside.u32()?);
            self.ttl = self.ttl.min(record.ttl).min(minimum);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &[u8]) -> Result<([u8; MAX_QUERY], usize)> {
        let mut out = [0; MAX_QUERY];
        let n = write_query(&mut out, 7, name, TYPE_A, 0)?;
        Ok((out, n))
    }

    #[test]
    fn names_become_labels() {
        let mut long = [b'x'; 260];
        long[63] = b'.';
        long[127] = b'.';
        long[191] = b'.';
        for name in [
            &b""[..],
            b".",
            b"a",
            b"a.",
            b"ab.c.def",
            b"..",
            b"a..",
            b".a",
            b"a..b",
            &long[..255],
            &long[..256],
            &long[128..192],
            &long[..63],
            &long[..64],
            &long[64..126],
            &long[192..256],
        ] {
            // The way of those who have a table goes label by label.
            let (mut one, mut other) = ([0; 300], [0; 300]);
            let mut w = Writer::new(&mut one);
            let quick = w.name(name, None).map(|()| w.len());
            let mut w = Writer::new(&mut other);
            let slow = w.name(name, Some(&mut Table::default())).map(|()| w.len());
            assert_eq!(quick, slow, "{name:?}");
            if let Ok(n) = quick {
                assert_eq!(one[..n], other[..n]);
            }
        }
    }

    #[test]
    fn mixed_case() {
        let name: Vec<u8> = (1..=255).filter(|b| *b != b'.').collect();
        for part in name.chunks(61) {
            for (bits, mix) in [(0u8, 0usize), (0xff, 1), (0x5a, 2)] {
                let mut out = [0; MAX_QUERY];
                let n = write_query(&mut out, 7, part, TYPE_A, 1232).unwrap();
                mix_case(&mut out[..n], &[bits; 33]);
                let got = &out[HEADER + 1..HEADER + 1 + part.len()];
                assert!(got.eq_ignore_ascii_case(part));
                let want = |i: usize, b: u8| match mix {
                    0 => b.to_ascii_uppercase(),
                    1 => b.to_ascii_lowercase(),
                    _ if bits >> ((i + 1) % 8) & 1 == 0 => b.to_ascii_uppercase(),
                    _ => b.to_ascii_lowercase(),
                };
                for (i, (a, b)) in got.iter().zip(part).enumerate() {
                    assert_eq!(*a, want(i, *b));
                }
                assert_eq!(out[n - 12 - 4..n - 11], [0, 0, 1, 0, 1]);
            }
        }
    }

    #[test]
    fn queries() {
        let (out, n) = query(b"ab.c").unwrap();
        assert_eq!(&out[..n], b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x02ab\x01c\0\0\x01\0\x01");
        assert_eq!(query(b"ab.c.").unwrap().1, n);
        assert_eq!(query(b"").unwrap().1, HEADER + 5);
        assert!(query(&[b'a'; 63]).is_ok());
        for bad in [&[b'a'; 64][..], b"a..b", b".a", b"a.."] {
            assert_eq!(query(bad).unwrap_err(), Malformed::Name);
        }
        let mut long = [b'a'; 255];
        long.iter_mut().skip(1).step_by(2).for_each(|b| *b = b'.');
        assert!(query(&long).is_ok());
    }

    #[test]
    fn no_room_for_the_root() {
        for room in 0..5 {
            let mut out = [0; 5];
            let mut w = Writer::new(&mut out[..room]);
            assert_eq!(w.name(b"abc", None).is_ok(), room == 5);
        }
        let mut out = [0; 5];
        assert!(Writer::new(&mut out).name(b"abc", None).is_ok());
    }

    #[test]
    fn compression() {
        let mut out = [0; 64];
        let mut table = Table::default();
        let mut w = Writer::new(&mut out);
        w.name(b"a.example", Some(&mut table)).unwrap();
        w.name(b"b.example", Some(&mut table)).unwrap();
        w.name(b"example", Some(&mut table)).unwrap();
        let n = w.len();
        assert_eq!(&out[..n], b"\x01a\x07example\0\x01b\xc0\x02\xc0\x02");
        let mut r = Reader::new(&out[..n]);
        for name in [&b"a.example"[..], b"b.example", b"example"] {
            assert_eq!(r.name().unwrap().as_bytes(), name);
        }
        assert_eq!(r.left(), 0);
    }

    #[test]
    fn hostile_names() {
        for bad in [
            &b"\xc0\x00"[..],
            b"\xc0\x02\0",
            b"\x01a\xc0\x00",
            b"\x05ab",
            b"\x01a",
            b"",
            b"\xc0",
            b"\x41a\0",
            b"\x81a\0",
            b"\x01.\0",
            b"\x01\0\0",
        ] {
            assert!(Reader::new(bad).name().is_err(), "{bad:?}");
        }
        let mut long = [b'a'; 400];
        long.iter_mut().step_by(2).for_each(|b| *b = 1);
        assert!(Reader::new(&long).name().is_err());
        assert!(Reader::new(&long).skip_name().is_err());
    }

    fn reply(packet: &[u8], kind: u16) -> (Result<()>, usize, u32) {
        let (q, n) = query(b"x").unwrap();
        let mut addresses = [0; 128];
        let mut reply = Reply::new(&mut addresses);
        let mut r = Reader::new(packet);
        let header = Header::read(&mut r).unwrap();
        let result = reply.read(&mut r, &header, &q[..n], kind, true);
        (result, reply.filled, reply.ttl)
    }

    #[test]
    fn replies() {
        let q = b"\0\x07\x81\0\0\x01\0\x01\0\0\0\0\x01x\0\0\x01\0\x01";
        let with = |tail: &[u8]| [&q[..], tail].concat();
        let a = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x01\x02\x03\x04";
        assert_eq!(reply(&with(a), TYPE_A), (Ok(()), 4, 60));
        assert_eq!(reply(&with(a), TYPE_AAAA), (Ok(()), 0, 0));
        for cut in 0..a.len() {
            assert!(reply(&with(&a[..cut]), TYPE_A).0.is_err());
        }
        let odd = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x03\x01\x02\x03";
        assert!(reply(&with(odd), TYPE_A).0.is_err());
        let mut other = with(a);
        other[13] = b'y';
        assert!(reply(&other, TYPE_A).0.is_err());
    }

    /// Every cut and every change of a byte of an answer with all there can be in it is read to an end,
    /// within bounds.
    #[test]
    fn mutations() {
        let good = b"\0\x07\x81\x80\0\x01\0\x03\0\x01\0\x01\x01x\0\0\x01\0\x01\
            \xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01y\xc0\x0c\
            \xc0\x1f\0\x01\0\x01\0\0\0\x3c\0\x04\x01\x02\x03\x04\
            \xc0\x0c\0\x0c\0\x01\0\0\0\x3c\0\x02\xc0\x0c\
            \xc0\x0c\0\x06\0\x01\0\0\0\x3c\0\x18\xc0\x0c\xc0\x0c\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05\
            \0\0\x29\x04\xd0\0\0\0\0\0\0";
        let mut packet = *good;
        // Miri takes its time.
        let step = if cfg!(miri) { 13 } else { 1 };
        for kind in [TYPE_A, TYPE_AAAA, TYPE_PTR] {
            for cut in (0..good.len()).step_by(step) {
                if cut >= HEADER {
                    let _ = reply(&good[..cut], kind);
                }
            }
            for at in (0..good.len()).step_by(step) {
                for value in [0, 1, 0x0c, 0x3f, 0x40, 0x80, 0xc0, 0xff, at as u8] {
                    packet[at] = value;
                    let (_, filled, _) = reply(&packet, kind);
                    assert!(filled <= 128);
                }
                packet[at] = good[at];
            }
        }
        assert_eq!(reply(&packet, TYPE_A), (Ok(()), 4, 60));
    }

    #[test]
    fn room_is_announced() {
        let mut out = [0; MAX_QUERY];
        let n = write_query(&mut out, 7, b"x", TYPE_A, 1232).unwrap();
        assert_eq!(&out[10..12], [0, 1]);
        assert_eq!(&out[n - OPT_RECORD..n], b"\0\0\x29\x04\xd0\0\0\0\0\0\0");
        let longest = [[b'a'; 63]; 4].join(&b'.');
        assert!(write_query(&mut out, 7, &longest[..255], TYPE_A, 1232).is_ok());
    }
}
