//! A file that is handed out from its beginning while its end is still written.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Held by the writer of an archive, and by whoever takes away what is done of it.
#[derive(Clone, Default)]
pub(super) struct Window(Arc<Mutex<Tail>>);

/// What is not yet taken away.
#[derive(Default)]
struct Tail {
    taken: u64,
    bytes: Vec<u8>,
    /// Where the next byte goes, counted from the beginning of the file.
    at: u64,
}

impl Window {
    /// Length of the whole file so far.
    pub(super) fn length(&self) -> u64 {
        self.tail().end()
    }

    /// Takes away what lies before `end`; nothing can be written there any more.
    pub(super) fn take(&self, end: u64) -> Vec<u8> {
        let mut tail = self.tail();
        let count = end.min(tail.end()).saturating_sub(tail.taken);
        let rest = tail.bytes.split_off(count as usize);
        tail.taken += count;
        std::mem::replace(&mut tail.bytes, rest)
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    fn end(&self) -> u64 {
        self.taken + self.bytes.len() as u64
    }
}

impl Write for Window {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut tail = self.tail();
        let from = (tail.at - tail.taken) as usize;
        let over = (tail.bytes.len() - from).min(bytes.len());
        tail.bytes[from..from + over].copy_from_slice(&bytes[..over]);
        tail.bytes.extend_from_slice(&bytes[over..]);
        tail.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut tail = self.tail();
        let goal = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => tail.at.checked_add_signed(by),
            SeekFrom::End(by) => tail.end().checked_add_signed(by),
        };
        let inside = goal.filter(|at| (tail.taken..=tail.end()).contains(at));
        tail.at = inside.ok_or_else(|| io::Error::other("what lies there is taken away or not yet written"))?;
        Ok(tail.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_stays_as_it_was() {
        let mut file = Window::default();
        file.write_all(b"abcdef").unwrap();
        assert_eq!(file.take(2), b"ab");
        file.seek(SeekFrom::Start(3)).unwrap();
        file.write_all(b"XYZ!").unwrap();
        assert_eq!((file.length(), file.stream_position().unwrap()), (7, 7));
        assert!(file.seek(SeekFrom::Start(1)).is_err() && file.seek(SeekFrom::End(1)).is_err());
        assert_eq!(file.take(99), b"cXYZ!");
        assert_eq!(file.take(99), b"");
    }
}
