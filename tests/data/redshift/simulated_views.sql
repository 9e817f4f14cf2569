-- SPDX-License-Identifier: Apache-2.0
-- A simulation: Redshift cannot be run in tests. These are views of PostgreSQL's own catalog in the
-- shape of Redshift's system views, with the columns that the connector reads. What PostgreSQL has
-- no notion of (sort keys, distribution, late-binding views) stands in the tables below them.
CREATE SCHEMA simulated;

CREATE TABLE simulated.storage (
  schema_name text, table_name text, column_name text, encoding text, distkey boolean, sortkey integer
);
CREATE TABLE simulated.styles (schema_name text, table_name text, diststyle text);
CREATE TABLE simulated.late_binding (
  view_schema name, view_name name, col_name name, col_type varchar, col_num integer
);
-- Types that PostgreSQL does not have, by column.
CREATE TABLE simulated.types (
  table_name text, column_name text, data_type text, character_maximum_length integer
);

CREATE VIEW simulated.svv_tables AS
SELECT t.table_catalog, t.table_schema, t.table_name, t.table_type,
       obj_description(format('%I.%I', t.table_schema, t.table_name)::regclass, 'pg_class') AS remarks
  FROM information_schema.tables t WHERE t.table_schema <> 'simulated'
 UNION ALL
SELECT DISTINCT current_database(), view_schema, view_name, 'VIEW', NULL FROM simulated.late_binding;

CREATE VIEW simulated.svv_columns AS
SELECT c.table_catalog, c.table_schema, c.table_name, c.column_name, c.ordinal_position,
       c.column_default, c.is_nullable, coalesce(s.data_type, c.data_type) AS data_type,
       coalesce(s.character_maximum_length, c.character_maximum_length) AS character_maximum_length,
       c.numeric_precision, c.numeric_scale,
       col_description(format('%I.%I', c.table_schema, c.table_name)::regclass, c.ordinal_position)
         AS remarks
  FROM information_schema.columns c
  LEFT JOIN simulated.types s USING (table_name, column_name)
 WHERE c.table_schema <> 'simulated';

CREATE VIEW simulated.svv_redshift_columns AS
SELECT current_database() AS database_name, s.schema_name, s.table_name, s.column_name,
       c.ordinal_position, s.encoding, s.distkey, s.sortkey
  FROM simulated.storage s
  JOIN information_schema.columns c
    ON (c.table_schema, c.table_name, c.column_name) = (s.schema_name, s.table_name, s.column_name);

CREATE VIEW simulated.svv_table_info AS
SELECT current_database() AS "database", n.nspname AS "schema", c.relname AS "table", s.diststyle,
       c.reltuples::numeric AS tbl_rows
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN simulated.styles s ON (s.schema_name, s.table_name) = (n.nspname, c.relname)
 WHERE c.relkind = 'r' AND c.reltuples >= 0 AND n.nspname <> 'simulated';

CREATE FUNCTION simulated.pg_get_late_binding_view_cols() RETURNS SETOF record
LANGUAGE sql STABLE AS 'SELECT view_schema, view_name, col_name, col_type, col_num FROM simulated.late_binding';
