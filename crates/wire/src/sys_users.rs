//! Sys-users.
