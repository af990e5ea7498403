//! Rev-users.
