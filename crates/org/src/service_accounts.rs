//! Programs with an identity of their own. Their tokens come from `auth-tokens.create`.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, Tx};
use worksmith_kernel::search::Search;
use worksmith_kernel::{Expander, Name, Resource, Result, Stored};
use worksmith_wire::common::{UserState, UserSummary};
use worksmith_wire::service_accounts::{self, CreateRequest, GetRequest, UpdateRequest};
use worksmith_wire::{Apply, Kind};

/// The document of a service account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// The name, unique in the org.
    pub display_name: String,
}

impl Resource for ServiceAccount {
    const TABLE_NAME: &'static str = "service_accounts";
    const KINDS: &'static [Kind] = &[Kind::ServiceAccount];
    const NAMES: &'static [Name<Self>] =
        &[Name::new("service_account.display_name", "display_name", |account, claim| {
            claim(&account.display_name);
        })];
    const SEARCH: Option<Search<Self>> =
        Some(Search::new("user", |account, say| say(&account.display_name)));
    const ONE: &'static str = "service_account";
    const MANY: &'static str = "service_accounts";
    type Object = service_accounts::ServiceAccount;
    type Summary = UserSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> service_accounts::ServiceAccount {
        let Self { display_name } = stored.doc.clone();
        let head = x.base(&stored.meta);
        service_accounts::ServiceAccount { head, display_name, state: UserState::Active }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        UserSummary {
            display_name: Some(stored.doc.display_name.clone()),
            ..crate::users::summary(stored, x, UserState::Active)
        }
    }
}

/// Registers the family. Only admins can create service accounts. Since service accounts are never
/// admins, they can't create others.
pub fn ops(table: &mut OpTable) {
    table.family::<ServiceAccount>();
    let admins = Audience::Admins;
    table.add(Op::create("service-accounts.create", "service_account").audience(admins), create);
    table.add(Op::read("service-accounts.get", "service_account"), get);
    table.add(Op::write("service-accounts.update", "service_account").audience(admins), update);
    table.feed::<ServiceAccount>("service-accounts.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<ServiceAccount>> {
    let CreateRequest { display_name, gen_keyring: _ } = request;
    let account = ServiceAccount { display_name: display_name.into() };
    let stored = tx.insert(Kind::ServiceAccount, account).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<ServiceAccount>> {
    tx.show::<ServiceAccount>(&request.id).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<ServiceAccount>> {
    let UpdateRequest { id, display_name } = request;
    let old = tx.target::<ServiceAccount>(&id).await?;
    let mut account = old.doc.clone();
    display_name.apply(&mut account.display_name);
    let stored = tx.update(old, account).await?;
    tx.one(&stored).await
}
