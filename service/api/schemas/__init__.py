"""What goes in and out of the API: marshmallow schemas, by resource."""
