/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include <stdio.h>

#define UTC_MIN (-INT64_C(62135596800)) /* 0001-01-01T00:00:00Z */
#define DAY     86400

static bool leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int month_days(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[m - 1] + (m == 2 && leap(y));
}

/* Days before the first of January of year y, counted from 0001-01-01. */
static int64_t year_days(int64_t y)
{
	y--;
	return 365 * y + y / 4 - y / 100 + y / 400;
}

bool utc_from_date(const struct utc_date *d, int64_t *out)
{
	int64_t days;

	if (d->year < 1 || d->year > 9999 || d->month < 1 || d->month > 12 || d->day < 1 ||
		d->day > month_days(d->year, d->month) || d->hour < 0 || d->hour > 23 ||
		d->minute < 0 || d->minute > 59 || d->second < 0 || d->second > 59)
		return false;
	days = year_days(d->year) + d->day - 1;
	for (int m = 1; m < d->month; m++)
		days += month_days(d->year, m);
	*out = UTC_MIN + days * DAY + d->hour * 3600 + d->minute * 60 + d->second;
	return true;
}

/* Digits of a template such as "dddd-dd-dd" to numbers; false when it does not fit. */
static bool fields(struct bytes text, const char *template, int *out)
{
	int v = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (template[i] == 'd') {
			if (text.p[i] < '0' || text.p[i] > '9')
				return false;
			v = 10 * v + (text.p[i] - '0');
		} else {
			if (text.p[i] != (uint8_t) template[i])
				return false;
			*out++ = v;
			v      = 0;
		}
	}
	*out = v;
	return true;
}

enum assay_code utc_parse(struct bytes text, int64_t *out, struct assay_err *e)
{
	static const char whole[] = "dddd-dd-ddTdd:dd:ddZ";
	static const char date[]  = "dddd-dd-dd";
	int               v[8]    = { 0 };
	bool              fits    = false;

	if (text.n == sizeof(whole) - 1)
		fits = fields(text, whole, v);
	else if (text.n == sizeof(date) - 1)
		fits = fields(text, date, v);
	if (!fits ||
		!utc_from_date(&(struct utc_date){ v[0], v[1], v[2], v[3], v[4], v[5] }, out))
		return err_set(e, ASSAY_INPUT_OPTION, "a time is written 2026-11-23T07:15:00Z");
	return ASSAY_OK;
}

const char *utc_format(int64_t at, char out[UTC_TEXT])
{
	int64_t days, rest, y;
	int     m = 1;

	at   = at < UTC_MIN ? UTC_MIN : at > UTC_MAX ? UTC_MAX : at;
	days = (at - UTC_MIN) / DAY;
	rest = (at - UTC_MIN) % DAY;
	y    = days / 366 + 1; /* never too late; at most 21 years too early */
	while (year_days(y + 1) <= days)
		y++;
	days -= year_days(y);
	while (days >= month_days((int)y, m))
		days -= month_days((int)y, m++);
	snprintf(out, UTC_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)y % 10000u,
		(unsigned)m % 100u, ((unsigned)days + 1) % 100u, (unsigned)(rest / 3600) % 100u,
		(unsigned)(rest / 60) % 60u, (unsigned)rest % 60u);
	return out;
}
