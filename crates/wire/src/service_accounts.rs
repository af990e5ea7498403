//! Service-accounts.
