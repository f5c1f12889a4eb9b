"""Documents written for machines: OpenAPI, also broken or inside a page, and Postman collections."""
