//! Rate limits: a number of calls per user and window, counting all operations alike (BEHAVIOUR
//! 1.10).
//!
//! The windows are counted here, not by a crate: what clients are told (`-Remaining`, `-Reset`) has
//! to be exact, and `docs/decisions/001-rate-limits.md` says why a bucket can't be. Each process
//! counts on its own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use worksmith_kernel::OpCtx;
use worksmith_wire::{ApiError, ErrorType, Id, Timestamp};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Expired windows are swept when there are this many windows, and then whenever their number has
/// doubled. So sweeping rarely costs a call anything, and memory stays proportional to the number
/// of users in one window.
const SWEEP_FROM: usize = 1024;

/// How many calls a user may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many calls a user may make in a window.
    pub quota: u32,
    /// The length of a window, in milliseconds. It begins with a user's first call.
    pub window_ms: i64,
    /// Whether clients on the same machine are limited, too.
    pub loopback: bool,
}

impl Default for RateLimit {
    fn default() -> Self {
        // BEHAVIOUR 1.10.
        Self { quota: 1000, window_ms: 5 * 60 * 1000, loopback: false }
    }
}

/// What remains of a user's quota after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    quota: u32,
    remaining: u32,
    reset_at: Timestamp,
    /// The seconds until the next call is admitted, if this one was not.
    retry_after_s: Option<i64>,
}

#[derive(Clone, Copy)]
struct Window {
    ends_at: Timestamp,
    used: u32,
}

#[derive(Default)]
struct Windows {
    by_user: HashMap<(Box<str>, Id), Window>,
    sweep_at: usize,
}

/// The windows of all users.
pub(crate) struct Limiter {
    limit: Option<RateLimit>,
    windows: Mutex<Windows>,
}

impl Limiter {
    pub(crate) fn new(limit: Option<RateLimit>) -> Self {
        Self { limit, windows: Mutex::default() }
    }

    /// Counts a call of an authenticated user. `None` if no limit applies.
    pub(crate) fn admit(&self, cx: &OpCtx, parts: &Parts) -> Option<Standing> {
        let limit = self.limit?;
        // Calls without a peer address come from within the process.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let local = peer.is_none_or(|peer| peer.0.ip().to_canonical().is_loopback());
        if local && !limit.loopback {
            return None;
        }
        let user = (Box::from(cx.org.org.as_str()), cx.actor.id.clone());
        Some(self.count(limit, user, cx.now))
    }

    fn count(&self, limit: RateLimit, user: (Box<str>, Id), now: Timestamp) -> Standing {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.by_user.len() >= windows.sweep_at.max(SWEEP_FROM) {
            windows.by_user.retain(|_, window| window.ends_at > now);
            windows.sweep_at = windows.by_user.len() * 2;
        }
        let fresh = Window { ends_at: now.plus_ms(limit.window_ms), used: 0 };
        let window = windows.by_user.entry(user).or_insert(fresh);
        // A clock that was set back must not lock a user out for longer than a window.
        if window.ends_at <= now || window.ends_at > fresh.ends_at {
            *window = fresh;
        }
        let admitted = window.used < limit.quota;
        window.used += u32::from(admitted);
        Standing {
            quota: limit.quota,
            remaining: limit.quota - window.used,
            reset_at: window.ends_at,
            retry_after_s: (!admitted).then(|| seconds_up(window.ends_at.0 - now.0)),
        }
    }
}

/// Whole seconds, rounded up: a client that waits for that long is not early.
fn seconds_up(ms: i64) -> i64 {
    ms.div_euclid(1000) + i64::from(ms.rem_euclid(1000) > 0)
}

impl Standing {
    /// The refusal of a call over the quota.
    pub(crate) fn check(self) -> Result<(), ApiError> {
        let Some(retry_after) = self.retry_after_s else { return Ok(()) };
        let message = format!(
            "more than {} calls in a window; the next is answered in {retry_after} s",
            self.quota
        );
        Err(ApiError::new(ErrorType::TooManyRequests, message).with("retry_after", retry_after))
    }

    /// Adds the headers that report the quota.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.quota));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(seconds_up(self.reset_at.0)));
        if let Some(retry_after) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
        }
    }
}

#[cfg(test)]
mod tests {
    use worksmith_wire::Kind;

    use super::*;

    const LIMIT: RateLimit = RateLimit { quota: 2, window_ms: 10_000, loopback: true };

    fn count(limiter: &Limiter, user: u64, at: i64) -> Standing {
        let user = (Box::from("org"), Id::numbered(Kind::DevUser, user));
        limiter.count(LIMIT, user, Timestamp(at))
    }

    #[test]
    fn a_window_begins_with_the_first_call_and_ends_as_told() {
        let limiter = Limiter::new(Some(LIMIT));
        let first = count(&limiter, 1, 1_500);
        assert_eq!((first.remaining, first.reset_at.0, first.retry_after_s), (1, 11_500, None));
        assert_eq!(count(&limiter, 1, 2_000).remaining, 0);
        let refused = count(&limiter, 1, 11_499);
        assert_eq!((refused.remaining, refused.retry_after_s), (0, Some(1)));
        let next = count(&limiter, 1, 11_500);
        assert_eq!((next.remaining, next.reset_at.0, next.retry_after_s), (1, 21_500, None));
    }

    #[test]
    fn users_do_not_share_a_quota() {
        let limiter = Limiter::new(Some(LIMIT));
        for _ in 0..3 {
            count(&limiter, 1, 0);
        }
        assert_eq!(count(&limiter, 2, 0).remaining, 1);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = Limiter::new(Some(LIMIT));
        for _ in 0..3 {
            count(&limiter, 1, 1_000_000);
        }
        assert_eq!(count(&limiter, 1, 0).retry_after_s, None);
    }

    #[test]
    fn memory_is_bounded_by_the_users_of_one_window() {
        let limiter = Limiter::new(Some(LIMIT));
        for user in 1..100_000 {
            // A hundred users per window.
            count(&limiter, user, i64::try_from(user).unwrap() * 100);
        }
        assert!(limiter.windows.lock().unwrap().by_user.len() <= SWEEP_FROM);
    }
}
