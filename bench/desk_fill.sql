-- A desk of many blogs, as bench.desk measures it. :comments comments over two years: most are decided, the newest
-- wait. Blogs differ in size, as they do, and nothing waits on the two smallest. A tenth are replies. The guess at spam
-- has proved itself: what it found likely was marked as spam.
CREATE TEMP TABLE made AS
SELECT number, moment,
       1 + floor(power(random(), 2) * 1000)::int AS place,
       random() AS fate, random() AS guess, random() AS rule
  FROM (SELECT number, now() - interval '2 years' * (1 - number::float / :comments) AS moment
          FROM generate_series(1, :comments) AS number) AS numbered;

INSERT INTO moderation_comment (id, post_id, name, address, mailbox, text, html, state, version, notice_id, held,
       is_held, spam_percent, fingerprint, submitted_at, mailed_at, confirmed_at, due_at, decided_at, parent_id, unseen,
       at_once, escalated_at)
SELECT number, post.id, 'Ann ' || number % 5000, 'ann' || number || '@example.org', left(md5(number::text), 16),
       words, '<p>' || words || '</p>',
       CASE WHEN waits THEN 'pending' WHEN fate < 0.8 THEN 'approved' WHEN fate < 0.9 THEN 'rejected' ELSE 'spam' END,
       CASE WHEN waits THEN 2 ELSE 3 END, notice.id,
       CASE WHEN rule < 0.1 THEN '[{"kind": "link-count", "about": "5"}]'::jsonb ELSE '[]'::jsonb END,
       rule < 0.1,
       CASE WHEN fate >= 0.9 THEN 60 + floor(guess * 41) ELSE floor(power(guess, 4) * 90) END,
       (random() * 9e18)::bigint, moment, moment, moment,
       CASE WHEN waits THEN now() + interval '10 days' * (random() - 0.5) ELSE moment + interval '3 days' END,
       CASE WHEN NOT waits THEN least(moment + interval '2 days' * guess, now()) END,
       CASE WHEN number % 10 = 3 AND number > 1000 THEN number - 1000 END,
       NOT waits AND fate < 0.8 AND number % 500 = 4, NOT waits AND fate < 0.8 AND number % 500 = 4,
       CASE WHEN waits AND number % 100 = 5 THEN now() END
  FROM (SELECT made.*, number > :comments * 0.98 AND place < 900 AS waits,
               'The bridge over the river is ' || CASE WHEN number % 10 = 0 THEN 'wonderful ' ELSE 'long overdue ' END
               || (SELECT string_agg(substr(md5((number * 31 + word)::text), 1, 3), ' ')
                     FROM generate_series(1, 20) AS word)
               || CASE WHEN number % 50000 = 7 THEN ' heliotrope' ELSE '' END AS words FROM made) AS written
  JOIN (SELECT id, blog_id, row_number() OVER (ORDER BY id) AS place FROM blog_post) AS post ON post.place = written.place
  JOIN blog_privacynotice AS notice ON notice.blog_id = post.blog_id
 ORDER BY number;

INSERT INTO moderation_decision (comment_id, outcome, version, moderator_id, note, made_at)
SELECT comment.id, comment.state, 2, person.id, '', comment.decided_at
  FROM moderation_comment AS comment, auth_user AS person
 WHERE comment.decided_at IS NOT NULL AND person.username = 'everywhere';

INSERT INTO moderation_event (at, kind, blog_id, comment_number, person_id, details)
SELECT decision.made_at, 'decided', post.blog_id, comment.id, decision.moderator_id, '{"outcome": "approved"}'
  FROM moderation_decision AS decision JOIN moderation_comment AS comment ON comment.id = decision.comment_id
  JOIN blog_post AS post ON post.id = comment.post_id
 ORDER BY decision.id;

INSERT INTO moderation_report (comment_id, kind, words, reporter, weight, was_right, made_at, decided_at)
SELECT id, 'spam', '', left(md5(id::text), 32), 50, CASE WHEN id % 1000 = 0 THEN NULL ELSE true END, now(),
       CASE WHEN id % 1000 = 0 THEN NULL ELSE now() END
  FROM moderation_comment WHERE state = 'approved' AND id % 50 = 0;

INSERT INTO moderation_revision (comment_id, way, state, version, before, text, html, held, made_at, decided_at)
SELECT id, 'published', CASE WHEN id % 2000 = 1 THEN 'waiting' ELSE 'approved' END, 3, text, text, html, '[]', now(),
       CASE WHEN id % 2000 = 1 THEN NULL ELSE now() END
  FROM moderation_comment WHERE state = 'approved' AND id % 50 = 1;

INSERT INTO moderation_appeal (comment_id, state, words, made_at, decided_at)
SELECT id, CASE WHEN id % 1000 = 2 THEN 'open' ELSE 'upheld' END, 'But why?', now(),
       CASE WHEN id % 1000 = 2 THEN NULL ELSE now() END
  FROM moderation_comment WHERE state = 'rejected' AND id % 50 = 2;

INSERT INTO moderation_proposal (comment_id, version, outcome, moderator_id, note, made_at)
SELECT comment.id, 2, 'rejected', person.id, '', now()
  FROM moderation_comment AS comment, auth_user AS person
 WHERE (comment.state = 'rejected' AND comment.id % 20 = 3 OR comment.state = 'pending' AND comment.id % 400 = 6)
   AND person.username = 'everywhere';

SELECT setval(pg_get_serial_sequence('moderation_comment', 'id'), :comments);

INSERT INTO moderation_month (blog_id, first, received, published, refused, spam, withdrawn, waiting, reasons, decided,
       in_time, median_minutes, slowest_minutes)
SELECT blog.id, first::date, 2000, 1600, 200, 200, 0, 0, '{}', 2000, 1900, 600, 2400
  FROM blog_blog AS blog, generate_series(date_trunc('month', now() - interval '25 months'),
                                          date_trunc('month', now() - interval '1 month'), '1 month') AS first;
