//! The people who can be told of something.

use worksmith_engine::Tx;
use worksmith_kernel::{Actor, Result};
use worksmith_org::dev_users::DevUser;
use worksmith_org::rev_users::RevUser;
use worksmith_wire::common::UserState;
use worksmith_wire::subscribers::PersonId;
use worksmith_wire::{Id, Kind};

/// A person who can act.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The person as a caller with all rights of their own.
    pub(crate) actor: Actor,
    /// The name that others see.
    pub(crate) name: String,
    /// The email address.
    pub(crate) email: Option<String>,
}

/// Whether an id is that of a person, and not of a program.
pub(crate) fn is_person(id: &Id) -> bool {
    PersonId::KINDS.contains(&id.kind())
}

/// A person who is there and can act, if the id is that of one.
pub(crate) async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Person>> {
    let (is_admin, rev_org, account, state, name, email) = match id.kind() {
        Kind::DevUser => {
            let Some(user) = tx.find::<DevUser>(id).await? else { return Ok(None) };
            let DevUser { is_admin, state, display_name, email, .. } = user.doc;
            (is_admin, None, None, state, display_name, Some(email))
        }
        Kind::RevUser => {
            let Some(user) = tx.find::<RevUser>(id).await? else { return Ok(None) };
            let RevUser { rev_org, account, state, display_name, email, .. } = user.doc;
            (false, rev_org, account, state, display_name, email)
        }
        _ => return Ok(None),
    };
    let actor =
        Actor { id: id.clone(), is_admin, rev_org, account, scopes: Vec::new(), token: None };
    Ok((state == UserState::Active).then_some(Person { actor, name, email }))
}
