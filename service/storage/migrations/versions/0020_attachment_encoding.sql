-- How the files of a package to a partner office are encoded: as they are, or each zipped.

ALTER TABLE exchange_link ADD COLUMN attachment_encoding VARCHAR;
UPDATE exchange_link SET attachment_encoding = 'base64';
ALTER TABLE exchange_link ALTER COLUMN attachment_encoding SET NOT NULL;
