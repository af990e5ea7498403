//! Members of the org.

use serde::{Deserialize, Serialize};
use worksmith_kernel::{
    Column, ColumnType, Expander, Op, OpTable, Resource, Result, Stored, Table, Value, column,
};
use worksmith_store::{One, Tx};
use worksmith_wire::Kind;
use worksmith_wire::common::{UserState, UserSummary};
use worksmith_wire::dev_users::{self, GetRequest, SelfRequest};

/// The document of a dev user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DevUser {
    /// The address, unique in the org.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// The whole name.
    pub full_name: Option<String>,
    /// Whether the user can act.
    pub state: UserState,
    /// Whether the user may change the org itself.
    pub is_admin: bool,
}

static TABLE: Table = Table {
    name: "dev_users",
    kinds: &[Kind::DevUser],
    columns: &[EMAIL, STATE],
    indexes: &[&["email"]],
};
const EMAIL: Column = column("email", ColumnType::Text);
const STATE: Column = column("state", ColumnType::Text);

impl Resource for DevUser {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "dev_user";
    const MANY: &'static str = "dev_users";
    type Object = dev_users::DevUser;
    type Summary = UserSummary;

    fn columns(&self) -> Vec<Value> {
        vec![self.email.as_str().into(), self.state.as_str().into()]
    }

    fn names(&self, claim: &mut dyn FnMut(&'static str, &'static str, &str)) {
        claim("dev_user.email", "email", &self.email.to_lowercase());
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> dev_users::DevUser {
        let Self { email, display_name, full_name, state, is_admin: _ } = stored.doc.clone();
        dev_users::DevUser {
            head: x.base(&stored.meta),
            display_name: Some(display_name),
            email: Some(email),
            full_name,
            state,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        let Self { email, display_name, full_name, state, is_admin: _ } = stored.doc.clone();
        UserSummary {
            display_name: Some(display_name),
            email: Some(email),
            full_name,
            ..crate::users::summary(stored, x, state)
        }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable<Tx>) {
    table.family::<DevUser>();
    table.add(Op::read("dev-users.self", "dev_user"), myself);
    table.add(Op::read("dev-users.get", "dev_user"), get);
}

async fn myself(tx: &mut Tx, SelfRequest {}: SelfRequest) -> Result<One<DevUser>> {
    let id = tx.cx().actor.id.clone();
    let stored = tx.target::<DevUser>(&id).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<DevUser>> {
    let stored = tx.target::<DevUser>(&request.id).await?;
    tx.one(&stored).await
}
