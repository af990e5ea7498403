//! The suite on PostgreSQL, and what only several servers on one database can be asked.

use worksmith_kernel::Registry;
use worksmith_store::{CONNECTIONS, Store};
use worksmith_test_postgres::{Database, shared};

use crate::bed::{Backend, Opening};

pub(crate) struct Postgres(Database);

impl Postgres {
    /// `None` where there is no PostgreSQL.
    pub(crate) fn new() -> Option<Self> {
        shared().map(|server| Self(server.database()))
    }
}

impl Backend for Postgres {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async move {
            Store::open_postgres(&self.0.url(), CONNECTIONS, registry).await.unwrap()
        })
    }

    fn keeps_unused_numbers(&self) -> bool {
        true
    }
}

crate::suite::suite!(crate::postgres::Postgres);

/// The same with costs by which few rows are many: pages are walked, and walks give up.
mod walking {
    use worksmith_store::Costs;

    use super::{Backend, Opening, Registry};

    pub(crate) struct Walking(super::Postgres);

    impl Walking {
        pub(crate) fn new() -> Option<Self> {
            super::Postgres::new().map(Self)
        }
    }

    impl Backend for Walking {
        fn open(&self, registry: Registry) -> Opening<'_> {
            let costs = Costs { few: 0, digests_a_row: 1_000_000, patience: 2 };
            Box::pin(async move { self.0.open(registry).await.with_costs(costs) })
        }

        fn keeps_unused_numbers(&self) -> bool {
            true
        }
    }

    crate::suite::suite!(crate::postgres::walking::Walking);
}
