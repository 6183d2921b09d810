CREATE TYPE line_kind AS ENUM ('Earned', 'Redeemed', 'Welcome', 'Expired');
CREATE TABLE customers (id bigint, signup_date date, country text, loyalty_level text, status text, closed_at date, newsletter boolean, email text, age_group text);
CREATE TABLE sales (sale_id bigint, customer_id bigint, sale_date date, net_amount numeric(12,2), discount_amount numeric(12,2), currency char(3), order_status text, channel text);
CREATE TABLE loyalty_transactions (id bigint, customer_id bigint, transaction_date date, transaction_type line_kind, points integer, expiry_date date);
CREATE TABLE reward_redemptions (id bigint, customer_id bigint, reward_code text, claimed_at timestamp, points_spent integer, status text);
