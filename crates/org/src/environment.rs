//! What the contexts of all calls share: the clock, the chance, and the address of the server.

use std::sync::Arc;

use compact_str::CompactString;
use worksmith_kernel::{Actor, Clock, Entropy, OpCtx, Preconditions, opaque};
use worksmith_wire::OrgName;

/// The region in this server's ids; any fixed value will do (BEHAVIOUR 2.1).
const PARTITION: &str = "dvrv-us-1";

/// The length of the ids of requests.
const REQUEST_ID: usize = 20;

/// What all contexts of this process share.
#[derive(Clone)]
pub struct Environment {
    /// The source of the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The address under which clients reach this server.
    pub base_url: Arc<str>,
}

impl Environment {
    /// A context for `actor` in an org, now.
    pub fn context(&self, org: &str, actor: Actor) -> OpCtx {
        OpCtx {
            org: OrgName { partition: PARTITION.into(), org: org.into() },
            actor,
            now: self.clock.now(),
            entropy: Arc::clone(&self.entropy),
            request_id: CompactString::default(),
            preconditions: Preconditions::default(),
            binding: String::new(),
            tells_revisions: false,
            wants_beta: false,
            base_url: Arc::clone(&self.base_url),
            forms: None,
            renewal: None,
        }
    }

    /// A text of `length` random letters and digits.
    pub fn opaque(&self, length: usize) -> String {
        opaque(length, |bytes| self.entropy.fill(bytes))
    }

    /// An id for a request.
    pub fn request_id(&self) -> String {
        opaque(REQUEST_ID, |bytes| self.entropy.fill_openly(bytes))
    }
}
