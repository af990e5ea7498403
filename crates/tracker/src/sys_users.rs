//! The server's own bots, which act where no user does.

use serde::{Deserialize, Serialize};
use worksmith_kernel::{Expander, OpTable, Resource, Stored, Table, Value};
use worksmith_store::Tx;
use worksmith_wire::Kind;
use worksmith_wire::common::{UserState, UserSummary};

/// The document of a bot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SysUser {
    /// The name that others see.
    pub display_name: String,
    /// The whole name.
    pub full_name: Option<String>,
}

static TABLE: Table =
    Table { name: "sys_users", kinds: &[Kind::SysUser], columns: &[], indexes: &[] };

impl Resource for SysUser {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "sys_user";
    const MANY: &'static str = "sys_users";
    type Object = UserSummary;
    type Summary = UserSummary;

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        Self::summary(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        let Self { display_name, full_name } = stored.doc.clone();
        UserSummary {
            display_name: Some(display_name),
            full_name,
            ..crate::users::summary(stored, x, UserState::Active)
        }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable<Tx>) {
    table.family::<SysUser>();
}
