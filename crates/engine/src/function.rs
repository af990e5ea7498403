//! Functions of a transaction: operations and followers.

use std::future::Future;
use std::pin::Pin;

use worksmith_kernel::Result;

/// The future that running an operation returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A function that can be an operation: `async fn(&mut Tx, Request) -> Result<Response>`.
pub trait OpFn<'a, Tx: 'a, Req, Res>: Copy + Send + Sync {
    /// The future that a call returns.
    type Future: Future<Output = Result<Res>> + Send + 'a;
    /// Calls it.
    fn call(self, tx: &'a mut Tx, request: Req) -> Self::Future;
}

impl<'a, Tx: 'a, Req, Res, F, Fut> OpFn<'a, Tx, Req, Res> for F
where
    F: Fn(&'a mut Tx, Req) -> Fut + Copy + Send + Sync,
    Fut: Future<Output = Result<Res>> + Send + 'a,
{
    type Future = Fut;
    fn call(self, tx: &'a mut Tx, request: Req) -> Fut {
        self(tx, request)
    }
}
