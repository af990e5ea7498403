//! What becomes of the references to an object: when it is deleted, when it is merged into another
//! one, and when a value changes that is stored beside them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use worksmith_wire::Id;

/// What becomes of the references to an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rewrite {
    /// They are removed.
    Drop,
    /// They are replaced by references to this object.
    Lead(Id),
    /// They stay. The member beside each of them, in the same JSON object, gets another value.
    Beside {
        /// The member that refers to the object; also the column that holds its id.
        field: String,
        /// The member that changes; also the column that holds its value.
        member: String,
        /// The new value: a number or a text.
        value: Json,
    },
    /// Those that refer by one of the fields in [`Resource::GOES_WITH`](crate::Resource::GOES_WITH)
    /// are deleted.
    Delete,
}

/// Two members, and columns, that several families have: one refers to an object, and the other
/// keeps a value of that object beside the reference.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// The member that refers to the object, and the column that holds its id.
    pub field: &'static str,
    /// The member that keeps the value, and the column that holds it.
    pub member: &'static str,
}

impl Beside {
    /// What follows from a new value: a number or a text.
    pub fn becomes(self, value: impl Into<Json>) -> Rewrite {
        let Self { field, member } = self;
        Rewrite::Beside { field: field.to_owned(), member: member.to_owned(), value: value.into() }
    }
}

/// Which references of a family are never rewritten, whatever becomes of their targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// None.
    None,
    /// Those to deleted objects: without them, the document would say something else.
    Deleted,
    /// All.
    All,
}

impl Keeps {
    /// Whether a rewriting leaves the family's documents alone.
    pub const fn ignores(self, what: &Rewrite) -> bool {
        match self {
            Self::None => false,
            Self::Deleted => matches!(what, Rewrite::Drop),
            Self::All => true,
        }
    }
}
