//! What the kinds of users share.

use worksmith_kernel::{Expander, Stored};
use worksmith_wire::common::{UserState, UserSummary, UserType};
use worksmith_wire::{Id, Kind};

/// The type of user that an id stands for.
pub fn user_type(id: &Id) -> UserType {
    match id.kind() {
        Kind::RevUser => UserType::RevUser,
        Kind::ServiceAccount => UserType::ServiceAccount,
        Kind::SysUser => UserType::SysUser,
        _ => UserType::DevUser,
    }
}

/// A summary with the members that all users share; the others are absent.
pub fn summary<R>(stored: &Stored<R>, x: &Expander, state: UserState) -> UserSummary {
    UserSummary {
        kind: user_type(stored.id()),
        head: x.atom(stored.id()),
        display_picture: None,
        display_name: None,
        email: None,
        external_ref: None,
        full_name: None,
        rev_org: None,
        state: Some(state),
    }
}
