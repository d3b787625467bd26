"""The API's own description: OpenAPI 3.1 from the structs and routes, with examples, and its page."""
