//! Where each web framework keeps the raw body: the remedy that developers look for most.

use std::fmt;

/// Writes the enum, its names and what to do there from one table.
macro_rules! frameworks {
    ($($variant:ident $name:literal $title:literal $raw_body:literal)*) => {
        /// A web framework, so that remedies say what to write in it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Framework {
            $(#[doc = $title] $variant,)*
        }

        impl Framework {
            /// All of them, in the order of `tests/findings.json`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in code, such as `express`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How to get the raw body.
            pub(crate) fn raw_body(self) -> &'static str {
                match self { $(Self::$variant => $raw_body,)* }
            }
        }
    };
}

frameworks! {
    Express "express" "Express"
        "In Express, mount `express.raw({ type: \"*/*\" })` on this route before any `express.json()`, or use \
         `verified` of hookseal/express."
    Fastify "fastify" "Fastify"
        "In Fastify, call `rawBodies(app)` of hookseal/fastify in the plugin that has this route."
    Koa "koa" "Koa"
        "In Koa, put `verified` of hookseal/koa before the body parser."
    Nest "nest" "NestJS"
        "In NestJS, create the application with `{ rawBody: true }` and take `request.rawBody`."
    Web "web" "Functions of `Request`: Next.js, Hono, Bun, Deno"
        "In a handler of `Request`, pass `await request.arrayBuffer()`, not `request.json()`; in Next.js' API routes \
         set `bodyParser: false`."
    Lambda "lambda" "AWS Lambda"
        "In AWS Lambda, decode `body` from Base64 where `isBase64Encoded` is true, and use a proxy integration \
         without a mapping template."
    FastApi "fastapi" "FastAPI"
        "In FastAPI, pass `await request.body()`; a parameter with a model is parsed already."
    Starlette "starlette" "Starlette"
        "In Starlette, pass `await request.body()`, not `await request.json()`."
    Flask "flask" "Flask"
        "In Flask, pass `request.get_data()`, not `request.json`, and read it before `request.form`."
    Django "django" "Django"
        "In Django, pass `request.body`; with REST framework, not `request.data`."
    Asgi "asgi" "ASGI"
        "In ASGI, join the `body` of all `http.request` messages as they are."
    Wsgi "wsgi" "WSGI"
        "In WSGI, pass what `wsgi.input` gives, as many bytes as CONTENT_LENGTH says."
    Axum "axum" "axum"
        "In axum, take `Bytes` and not `Json`, or use `hookseal::axum::Verified`."
    Ktor "ktor" "Ktor"
        "In Ktor, pass `call.receive<ByteArray>()`, not an object that ContentNegotiation made of it; where something \
         reads the body before, install the plugin `DoubleReceive`."
    Spring "spring" "Spring MVC"
        "In Spring, take `HttpServletRequest` and not a `@RequestBody`, and pass \
         `request.inputStream.readAllBytes()`; where a filter reads it before, have it wrap the request in \
         `ContentCachingRequestWrapper`, and pass `contentAsByteArray` of that."
}

impl Framework {
    /// The framework of this name, if it is known.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|framework| framework.as_str() == name)
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How to get the raw body where nobody said which framework it is.
pub(crate) const RAW_BODY: &str =
    "Pass the raw bytes of the body as they came, before anything parses or decodes them.";
