//! Several servers on one PostgreSQL: what clients see of them, and what is kept, while servers or
//! the database are killed.

mod histories;
mod linearizable;
mod search;
