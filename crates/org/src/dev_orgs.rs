//! The tenant.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, Tx};
use worksmith_kernel::{Expander, Name, Resource, Result, Stored};
use worksmith_wire::dev_orgs::{self, DevOrgSummary, GetRequest};
use worksmith_wire::{Id, Kind};

/// The document of the tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DevOrg {
    /// The name.
    pub display_name: String,
    /// The short name, unique on this server.
    pub slug: String,
}

/// Finds an org by its slug.
pub const SLUG: Name<DevOrg> = Name::new("dev_org.slug", "slug", |org, claim| claim(&org.slug));

impl Resource for DevOrg {
    const TABLE_NAME: &'static str = "dev_orgs";
    const KINDS: &'static [Kind] = &[Kind::DevOrg];
    const NAMES: &'static [Name<Self>] = &[SLUG];
    const ONE: &'static str = "dev_org";
    const MANY: &'static str = "dev_orgs";
    type Object = dev_orgs::DevOrg;
    type Summary = DevOrgSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> dev_orgs::DevOrg {
        let Self { display_name, slug } = stored.doc.clone();
        dev_orgs::DevOrg { head: x.base(&stored.meta), display_name, dev_slug: slug }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> DevOrgSummary {
        let Self { display_name, slug } = stored.doc.clone();
        let head = x.atom(stored.id());
        DevOrgSummary { kind: "dev_org", head, display_name, dev_slug: slug }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<DevOrg>();
    table.add(Op::read("dev-orgs.get", "dev_org"), get);
    table.feed::<DevOrg>("dev-orgs.get");
}

async fn get(tx: &mut Tx, GetRequest {}: GetRequest) -> Result<One<DevOrg>> {
    let id = Id::new(Kind::DevOrg, tx.cx().org.org.clone());
    let stored = tx.target::<DevOrg>(&id).await?;
    tx.one(&stored).await
}
