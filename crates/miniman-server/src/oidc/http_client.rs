//! Requests to the provider, with bounds: it is somebody else's program.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, reqwest};

/// Longest answer that is read: keys and metadata have some 10 KB.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A person waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Follows no redirects: a provider that could send us elsewhere could make us ask what only we can reach.
pub(super) struct HttpClient(reqwest::Client);

#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("ask the provider")]
    Ask(#[from] reqwest::Error),
    #[error("the provider's answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    #[error("the provider's answer")]
    Answer(#[from] http::Error),
}

impl HttpClient {
    pub(super) fn new() -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .expect("the TLS provider is built in");
        Self(client)
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
