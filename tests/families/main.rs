//! One file per family, mirroring the tracker. One binary, so that it is linked once.

mod accounts;
mod artifacts;
mod rev_orgs;
mod rev_users;
mod tags;
mod works;
