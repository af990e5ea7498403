//! Rev-orgs.
