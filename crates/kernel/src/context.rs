//! The context of one call: who calls, in which org, at what time, with which source of randomness.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use compact_str::CompactString;
use rand::Rng as _;
use worksmith_wire::{Id, Kind, OrgName, Timestamp};

use crate::error::Result;
use crate::forms::FormSigner;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// The same for what is no secret, and needed all the time.
    fn fill_openly(&self, bytes: &mut [u8]) {
        self.fill(bytes);
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

/// The operating system's random generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place where chance is read")]
    fn fill(&self, bytes: &mut [u8]) {
        // Without entropy, neither tokens nor ids can be made: there is no way to go on.
        #[expect(clippy::expect_used, reason = "the operating system promises entropy")]
        getrandom::fill(bytes).expect("the operating system gives no entropy");
    }

    /// The generator of the process takes far less time. It is nothing for secrets: a virtual
    /// machine that is copied goes on with the same bytes in both copies.
    #[expect(clippy::disallowed_methods, reason = "the one place where chance is read")]
    fn fill_openly(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// The caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub id: Id,
    /// Whether the user may change the org itself.
    pub is_admin: bool,
    /// The workspace of a rev user.
    pub rev_org: Option<Id>,
    /// The account of a rev user.
    pub account: Option<Id>,
    /// The scopes of the token; if empty, the token allows everything that the user may do.
    pub scopes: Vec<CompactString>,
    /// The token of the call; absent for the server's own work.
    pub token: Option<Id>,
}

impl Actor {
    /// The server's own bot, which acts where no user does.
    pub fn system() -> Self {
        let id = Id::numbered(Kind::SysUser, 1);
        Self { id, is_admin: true, rev_org: None, account: None, scopes: Vec::new(), token: None }
    }

    /// Whether the token's scopes cover `read`, `write` or `all` of a kind.
    pub fn has_scope(&self, kind: &str, rights: &str) -> bool {
        let covers = |scope: &str| {
            scope.split_once(':').is_some_and(|(has_kind, has_rights)| {
                has_kind == kind && (has_rights == "all" || has_rights == rights)
            })
        };
        self.scopes.is_empty() || self.scopes.iter().any(|scope| covers(scope))
    }

    /// Whether the caller is a customer.
    pub fn is_customer(&self) -> bool {
        self.id.kind() == Kind::RevUser
    }
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anybody with a token, customers included.
    Everyone,
    /// Users of the org itself: dev users, service accounts, system users.
    Members,
    /// Those who may change the org itself.
    Admins,
}

impl Audience {
    /// Whether a caller belongs to it.
    pub fn includes(self, actor: &Actor) -> bool {
        match self {
            Self::Everyone => true,
            Self::Members => !actor.is_customer(),
            Self::Admins => actor.is_admin,
        }
    }
}

/// What a caller needs to read the objects of a family, as far as that does not depend on the
/// object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Who may read them.
    pub audience: Audience,
    /// The noun that the scopes of a token must name; empty if no scope is needed.
    pub scope: &'static str,
}

impl Rights {
    /// Whether a caller has them.
    pub fn allow(self, actor: &Actor) -> bool {
        let has_scope = self.scope.is_empty() || actor.has_scope(self.scope, "read");
        self.audience.includes(actor) && has_scope
    }
}

/// Finds out who calls once more, for an answer that goes on for long: a token may be revoked or
/// expire meanwhile, and a user may move to another workspace.
pub trait Renewal: Send + Sync {
    /// The context as it would be for a call now.
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<OpCtx>> + Send + '_>>;
}

/// What a write requires besides its body.
#[derive(Clone, Debug, Default)]
pub struct Preconditions {
    /// `If-Match`: the revision that the object must have.
    pub revision: Option<u64>,
    /// `Idempotency-Key`, and the hash of the operation and its body.
    pub idempotency: Option<(String, String)>,
}

/// The context of one call. A transaction can only be opened from one.
#[derive(Clone)]
pub struct OpCtx {
    /// The org, as it is spelled in ids.
    pub org: OrgName,
    /// Who calls.
    pub actor: Actor,
    /// The instant of the call, the same throughout.
    pub now: Timestamp,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The id of the request, as it appears in the log.
    pub request_id: CompactString,
    /// What the call requires besides its body.
    pub preconditions: Preconditions,
    /// What the cursors of this call are bound to; see [`Cursor::binding`](crate::Cursor::binding).
    pub binding: String,
    /// Whether an answer that lists objects tells their revisions, too.
    pub tells_revisions: bool,
    /// Whether the caller asks for what only the beta contract has: `X-Devrev-Scope: beta`.
    pub wants_beta: bool,
    /// The address under which clients reach this server: `https://host:port`.
    pub base_url: Arc<str>,
    /// Signs the forms for uploads that go directly to a bucket; absent if uploads go through the
    /// server.
    pub forms: Option<Arc<dyn FormSigner>>,
    /// Authenticates the caller again; absent for the server's own work.
    pub renewal: Option<Arc<dyn Renewal>>,
}

impl OpCtx {
    /// A text of `length` random letters and digits.
    pub fn opaque(&self, length: usize) -> String {
        opaque(length, |bytes| self.entropy.fill(bytes))
    }

    /// How a message names an object: by its display id, or by its DON if it has none.
    pub fn name(&self, id: &Id) -> String {
        id.display_id().unwrap_or_else(|| self.don(id))
    }

    /// The DON of an id.
    pub fn don(&self, id: &Id) -> String {
        id.don(&self.org)
    }
}

/// A text of `length` letters and digits, made of the random bytes that `fill` gives.
pub fn opaque(length: usize, fill: impl Fn(&mut [u8])) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = String::with_capacity(length);
    let mut chunk = [0_u8; 32];
    while text.len() < length {
        fill(&mut chunk);
        // Bytes from 248 on are skipped, so that every letter is equally likely.
        let letters = chunk.iter().filter(|byte| **byte < 248);
        let room = length - text.len();
        text.extend(letters.take(room).map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
    }
    text
}
