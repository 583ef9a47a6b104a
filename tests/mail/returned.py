"""Mails as other servers send them back, each in its own way."""

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Received: by mx.example.net (Postfix) id 4F3A; Sun, 22 Nov 2026 10:00:02 +0000 (UTC)
Date: Sun, 22 Nov 2026 10:00:02 +0000 (UTC)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4E2B.1763805602/mx.example.net"
Message-Id: <20261122100002.4F3A@mx.example.net>

This is a MIME-encapsulated message.

--4E2B.1763805602/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<ann@example.org>: {said}

--4E2B.1763805602/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4E2B
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Sun, 22 Nov 2026 10:00:01 +0000 (UTC)

Final-Recipient: rfc822; ann@example.org
Original-Recipient: rfc822;ann@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; {said}

--4E2B.1763805602/mx.example.net
Content-Description: Undelivered Message
Content-Type: message/rfc822

Return-Path: <bounces+original@bounces.example.com>
From: A blog <blog@example.com>
To: ann@example.org
Subject: New post: 5.1.1 reasons for 550 spam filters

Some words.

--4E2B.1763805602/mx.example.net--
"""

EXIM = """\
Return-path: <>
Envelope-to: {to}
Received: from Debian-exim by mx.example.net with local (Exim 4.96) id 1xYz-0001
X-Failed-Recipients: ann@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: {to}
References: <7.9@example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary=1763805602-eximdsn-1
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1xYz-0001@mx.example.net>
Date: Sun, 22 Nov 2026 10:00:02 +0000

--1763805602-eximdsn-1
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@example.org
    host mail.example.org [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<ann@example.org>:
    {said}

--1763805602-eximdsn-1
Content-type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Action: failed
Final-Recipient: rfc822;ann@example.org
Status: 5.0.0
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; {said}

--1763805602-eximdsn-1
Content-type: text/rfc822-headers

From: A blog <blog@example.com>
To: ann@example.org

--1763805602-eximdsn-1--
"""

OLD_EXIM = """\
Return-path: <>
Envelope-to: {to}
X-Failed-Recipients: ann@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: {to}
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@example.org
    SMTP error from remote mail server after RCPT TO:<ann@example.org>:
    host mail.example.org [192.0.2.25]: {said}

------ This is a copy of the message, including all the headers. ------

From: A blog <blog@example.com>
"""

EXCHANGE = """\
From: <postmaster@example.org>
To: <{to}>
Date: Sun, 22 Nov 2026 10:00:02 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="c2b3ae5e-0fe5-4a5e-8c0d"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-GB
Message-ID: <c2b3ae5e@example.org>
Subject: Undeliverable: New post
Auto-Submitted: auto-replied
MIME-Version: 1.0

--c2b3ae5e-0fe5-4a5e-8c0d
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset="us-ascii"

Your message to ann@example.org couldn't be delivered.

--inner
Content-Type: text/html; charset="us-ascii"

<p>Your message to <b>ann@example.org</b> couldn't be delivered.</p>

--inner--

--c2b3ae5e-0fe5-4a5e-8c0d
Content-Type: message/delivery-status

Reporting-MTA: dns;DB9PR0.eurprd.example.org
Received-From-MTA: dns;mx.example.net
Arrival-Date: Sun, 22 Nov 2026 10:00:01 +0000

Final-Recipient: rfc822;ann@example.org
Action: failed
Status: {status}
Diagnostic-Code: smtp;{said}

--c2b3ae5e-0fe5-4a5e-8c0d
Content-Type: message/rfc822

From: A blog <blog@example.com>
To: ann@example.org

Some words.

--c2b3ae5e-0fe5-4a5e-8c0d--
"""

QMAIL = """\
Return-Path: <>
Delivered-To: {to}
Received: (qmail 1234 invoked for bounce); 22 Nov 2026 10:00:02 -0000
Date: 22 Nov 2026 10:00:02 -0000
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@example.org>:
{said}

--- Below this line is a copy of the message.

Return-Path: <bounces+original@bounces.example.com>
From: A blog <blog@example.com>
Subject: New post

Some words.
"""

TWO_RECIPIENTS = POSTFIX.replace(
    "Diagnostic-Code: smtp; {said}\n",
    """Diagnostic-Code: smtp; {said}

Final-Recipient: rfc822; ben@example.org
Action: {second}
Status: 2.0.0
""",
)

FEEDBACK = """\
From: <feedback@fbl.example.net>
Date: Sun, 22 Nov 2026 10:00:02 +0000
Subject: FW: New post
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

--part1
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message received from IP 192.0.2.1.

--part1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
{mail_from}Received-Date: Sun, 22 Nov 2026 09:00:00 +0000
Source-IP: 192.0.2.1

--part1
Content-Type: {original}
Content-Disposition: inline

{headers}From: A blog <blog@example.com>
To: redacted@example.net
Subject: New post
Message-ID: <7.9@example.com>

Some words.

--part1--
"""

VACATION = """\
Return-Path: <>
Delivered-To: {to}
From: Ann <ann@example.org>
To: {to}
Subject: Out of office: New post
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
X-Auto-Response-Suppress: All
Content-Type: text/plain; charset=utf-8

I am away until Monday. Your message could not be delivered to my attention.
For 550 5.1.1 reasons write to ben@example.org.
"""

OLD_VACATION = """\
Delivered-To: {to}
From: Ann <ann@example.org>
To: {to}
Subject: Autoreply: New post
Precedence: auto_reply
X-Autoreply: yes

Hi. This is the automatic answer of Ann.

<ann@example.org>:
I have gone fishing. 550
"""

REPLY = """\
Return-Path: <ann@example.org>
Delivered-To: {to}
From: Ann <ann@example.org>
To: {to}
Subject: Re: New post
Content-Type: text/plain; charset=utf-8

Thank you for this post! 5.1.1 550 user unknown, as they say.
"""

CHALLENGE = """\
Return-Path: <confirm@example.org>
Delivered-To: {to}
From: confirm@example.org
To: {to}
Subject: Confirm that you are a person
Auto-Submitted: auto-generated

Your mail to ann@example.org waits until you follow this link.
"""
