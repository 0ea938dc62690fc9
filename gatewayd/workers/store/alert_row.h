/* alert_row.h - struct alert <-> a row of alerts.db, by a table of columns. */
#ifndef STORE_ALERT_ROW_H
#define STORE_ALERT_ROW_H

#include "base/alert.h"
#include "db.h"

/* "id,rev,..." and "?3,?4,..." for the columns that alert_row_bind sets from parameter `first` on. Returns out. */
char *alert_row_names(char *out, size_t size);
char *alert_row_marks(char *out, size_t size, int first);
void alert_row_bind(struct db_statement *statement, int first, const struct alert *alert);
/* From column `first` on; evidence is left empty. False: a value is of the wrong type or size. */
bool alert_row_read(struct db_statement *statement, int first, struct alert *alert);

/* Parameters 3 .. 9: sensor, room, kind, at, value, type, flags. */
void alert_row_bind_evidence(struct db_statement *statement, const struct alert_evidence *evidence);
/* Columns 0 .. 6, the same ones. */
bool alert_row_read_evidence(struct db_statement *statement, struct alert_evidence *evidence);

#endif
