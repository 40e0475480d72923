//! A mutex for the library's own statics, over the C library's.
//!
//! Not a word of ours with a futex behind it: ThreadSanitizer and helgrind know the C library's.
//! What belongs to a program's object has the program's own locks, see [`crate::thread`].

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use libc::{PTHREAD_MUTEX_INITIALIZER, pthread_mutex_t};

/// A value that one thread at a time reaches. Not recursive.
#[derive(Debug)]
pub struct Mutex<T> {
    raw: UnsafeCell<pthread_mutex_t>,
    value: UnsafeCell<T>,
}

// SAFETY: the C mutex is made for use from any thread, and the value is reached by its holder only.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// Holds the mutex until it is dropped.
#[derive(Debug)]
pub struct Guard<T: 'static> {
    mutex: &'static Mutex<T>,
    /// The thread that locked has to unlock: this is not `Send`.
    here: PhantomData<*mut ()>,
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub const fn new(value: T) -> Self {
        Self { raw: UnsafeCell::new(PTHREAD_MUTEX_INITIALIZER), value: UnsafeCell::new(value) }
    }

    /// Waits until no other thread holds the mutex, and takes it. For statics: a C mutex stays
    /// where it is.
    #[inline]
    pub fn lock(&'static self) -> Guard<T> {
        // SAFETY: a mutex that was made by its initialiser and never moves; nothing can fail that
        // the caller could do something about.
        unsafe { libc::pthread_mutex_lock(self.raw.get()) };
        Guard { mutex: self, here: PhantomData }
    }
}

impl<T> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this thread locked it when the guard was made.
        unsafe { libc::pthread_mutex_unlock(self.mutex.raw.get()) };
    }
}

impl<T> Deref for Guard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody else reaches the value while the mutex is held.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for Guard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and the guard is borrowed for as long as the result.
        unsafe { &mut *self.mutex.value.get() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_at_a_time() {
        static SUM: Mutex<u64> = Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let mut sum = SUM.lock();
                        let before = *sum;
                        std::thread::yield_now();
                        *sum = before + 1;
                    }
                });
            }
        });
        assert_eq!(*SUM.lock(), 200);
    }
}
