//! The search list: under which full names a short name is looked for (pure).

use super::wire::Name;
use crate::error::{Error, Result};
use crate::mem::{self, TryPush};

/// The domains that are tried, and when a name needs none.
#[derive(Debug)]
pub struct Search {
    domains: mem::Vec<mem::Vec<u8>>,
    /// Names with so many dots are tried as they are first.
    pub ndots: i32,
}

/// What comes next for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The name as it is.
    Plain,
    /// With the domain of this number.
    Domain(usize),
}

fn copy(bytes: &[u8]) -> Result<mem::Vec<u8>> {
    let mut new = mem::Vec::new_in(mem::Heap);
    new.try_reserve_exact(bytes.len()).map_err(|_| Error::NoMemory)?;
    new.extend_from_slice(bytes);
    Ok(new)
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

impl Search {
    /// No domains, and names with a dot are complete.
    pub const fn new() -> Self {
        Self { domains: mem::Vec::new_in(mem::Heap), ndots: 1 }
    }

    /// Whether there is no domain.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// Puts a domain in front of the others; dots at its start do not count.
    pub fn add(&mut self, domain: &[u8]) -> Result<()> {
        let start = domain.iter().position(|&b| b != b'.').unwrap_or(domain.len());
        let new = copy(domain.get(start..).unwrap_or_default())?;
        self.domains.try_reserve(1).map_err(|_| Error::NoMemory)?;
        self.domains.insert(0, new);
        Ok(())
    }

    /// Turns the order round.
    pub fn reverse(&mut self) {
        self.domains.reverse();
    }

    /// A copy, which does not change with the original.
    pub fn try_clone(&self) -> Result<Self> {
        let mut domains = mem::Vec::new_in(mem::Heap);
        for d in &self.domains {
            domains.try_push(copy(d)?)?;
        }
        Ok(Self { domains, ndots: self.ndots })
    }

    fn is_complete(&self, name: &[u8]) -> bool {
        let dots = name.iter().filter(|&&b| b == b'.').count();
        i32::try_from(dots).unwrap_or(i32::MAX) >= self.ndots
    }

    /// What is tried first.
    pub fn first(&self, name: &[u8]) -> Step {
        if self.is_complete(name) { Step::Plain } else { Step::Domain(0) }
    }

    /// What is tried after `step` has found nothing.
    pub fn next(&self, step: Step, name: &[u8]) -> Option<Step> {
        let n = match (step, self.is_complete(name)) {
            (Step::Plain, true) => 0,
            (Step::Plain, false) => return None,
            (Step::Domain(n), _) => n.saturating_add(1),
        };
        if n < self.domains.len() {
            Some(Step::Domain(n))
        } else if self.is_complete(name) {
            None
        } else {
            Some(Step::Plain)
        }
    }

    /// The full name of a step. An empty name has none.
    pub fn full_name(&self, step: Step, name: &[u8]) -> Option<Name> {
        let mut full = Name::from_bytes(name)?;
        if let Step::Domain(n) = step {
            let domain = self.domains.get(n)?;
            if *name.last()? != b'.' {
                full.push(b".").ok()?;
            }
            full.push(domain).ok()?;
        }
        Some(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let mut s = Search::new();
        s.add(b".b.example").unwrap();
        s.add(b"a.example").unwrap();
        assert_eq!(s.first(b"host"), Step::Domain(0));
        assert_eq!(s.next(Step::Domain(0), b"host"), Some(Step::Domain(1)));
        assert_eq!(s.next(Step::Domain(1), b"host"), Some(Step::Plain));
        assert_eq!(s.next(Step::Plain, b"host"), None);
        assert_eq!(s.first(b"x.y"), Step::Plain);
        assert_eq!(s.next(Step::Plain, b"x.y"), Some(Step::Domain(0)));
        assert_eq!(s.next(Step::Domain(1), b"x.y"), None);
        assert_eq!(s.full_name(Step::Domain(1), b"h").unwrap().as_bytes(), b"h.b.example");
        assert_eq!(s.full_name(Step::Domain(0), b"h.").unwrap().as_bytes(), b"h.a.example");
        assert!(s.full_name(Step::Domain(0), b"").is_none());
        s.reverse();
        assert_eq!(s.full_name(Step::Domain(0), b"h").unwrap().as_bytes(), b"h.b.example");
    }
}
