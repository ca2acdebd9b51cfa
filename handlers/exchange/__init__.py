"""Exchange of documents between installations: edXML packages, their signatures, the exchange axis."""
