-- SPDX-License-Identifier: Apache-2.0
CREATE SCHEMA sales;
CREATE TYPE stage AS ENUM ('lead', 'customer', 'lost');
CREATE TABLE accounts (account_id int PRIMARY KEY, name varchar(80) NOT NULL, industry text);
CREATE TABLE contacts (
  contact_id int PRIMARY KEY,
  first_name varchar(40),
  last_name varchar(40) NOT NULL,
  email varchar(120) UNIQUE,
  phone text,
  city text,
  stage stage NOT NULL DEFAULT 'lead',
  account_id int REFERENCES accounts,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sales.deals (
  deal_id int, title text NOT NULL, amount numeric(12,2), currency char(3), closed_on date NOT NULL,
  contact_id int REFERENCES contacts
) PARTITION BY RANGE (closed_on);
CREATE TABLE sales.deals_2025 PARTITION OF sales.deals FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
COMMENT ON COLUMN contacts.phone IS 'with country code';
INSERT INTO accounts SELECT g, 'Company ' || g, (ARRAY['retail', 'energy', 'health'])[g % 3 + 1]
  FROM generate_series(1, 20) g;
INSERT INTO contacts
  SELECT g, (ARRAY['Ana', 'Bo', 'Cy'])[g % 3 + 1], (ARRAY['Ray', 'Sol', 'Tam'])[g % 3 + 1],
         'ana' || g || '@example.com', '+1-555-' || lpad(g::text, 4, '0'),
         (ARRAY['Oslo', 'Bern'])[g % 2 + 1], (ARRAY['lead', 'customer'])[g % 2 + 1]::stage, g % 20 + 1,
         timestamptz '2025-01-01 00:00+00' + g * interval '1 hour' FROM generate_series(1, 200) g;
INSERT INTO sales.deals SELECT g, 'Deal ' || g, g * 10.5, 'EUR', date '2025-01-01' + g, g
  FROM generate_series(1, 100) g;
