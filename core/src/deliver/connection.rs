//! One HTTP/1.1 connection, driven by whoever waits for its response.
//!
//! hyper would have each connection driven by a task of its own, which costs two wake-ups and often two changes of
//! thread for every request. Nobody but the one who waits has anything to gain from its progress, so here that task
//! does it. While a connection is idle nobody looks at it; whoever takes it up sees first whether the peer hung up.

use std::future::{Future as _, poll_fn};
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::connect::Stream;

/// A connection that carries one request at a time.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Pin<Box<Driver>>,
    /// Whether the driver has ended, and must not be polled again.
    ended: bool,
    peer: IpAddr,
}

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// A request that brought no response.
pub(crate) struct Unanswered {
    pub(crate) error: hyper::Error,
    /// The request, if not one byte of it was sent.
    pub(crate) unsent: Option<Request<Full<Bytes>>>,
}

impl Connection {
    pub(crate) async fn new(stream: Box<dyn Stream>, peer: IpAddr) -> hyper::Result<Self> {
        let handshake = http1::Builder::new().max_headers(MOST_HEADERS).handshake(TokioIo::new(stream));
        let (sender, driver) = handshake.await?;
        Ok(Self { sender, driver: Box::pin(driver), ended: false, peer })
    }

    /// Whom it leads to.
    pub(crate) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Whether another request can be sent, as far as can be known: the peer may be hanging up right now.
    pub(crate) async fn is_ready(&mut self) -> bool {
        poll_fn(|context| {
            self.drive(context);
            Poll::Ready(())
        })
        .await;
        !self.ended && self.sender.is_ready()
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let (driver, ended) = (&mut self.driver, &mut self.ended);
        let answer = poll_fn(|context| {
            drive(driver, ended, context);
            answer.as_mut().poll(context)
        });
        answer
            .await
            .map_err(|mut failed| Unanswered { unsent: failed.take_message(), error: failed.into_error() })
    }

    /// The next part of the response's body.
    pub(crate) async fn frame(&mut self, body: &mut Incoming) -> Option<hyper::Result<Frame<Bytes>>> {
        poll_fn(|context| {
            self.drive(context);
            Pin::new(&mut *body).poll_frame(context)
        })
        .await
    }

    fn drive(&mut self, context: &mut Context<'_>) {
        drive(&mut self.driver, &mut self.ended, context);
    }
}

/// What goes wrong is told to whoever waits for the response; the driver itself has nothing to add.
fn drive(driver: &mut Pin<Box<Driver>>, ended: &mut bool, context: &mut Context<'_>) {
    if !*ended {
        *ended = driver.as_mut().poll(context).is_ready();
    }
}

const MOST_HEADERS: usize = 100;
