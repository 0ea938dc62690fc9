#include "wrap_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "points.h"

/* SQLite calls back without a context. */
static sqlite3_mem_methods memory;
static sqlite3_vfs *disk;

/* A file of ours in front of the disk's own. */
struct file {
    sqlite3_file base;
    sqlite3_file *own;
};

static sqlite3_file *own(sqlite3_file *file)
{
    return ((struct file *)file)->own;
}

/* ---- memory ---- */

static void *allocate(int size)
{
    return points_fail(POINT_LIBRARY_MEMORY) ? NULL : memory.xMalloc(size);
}

static void *reallocate(void *old, int size)
{
    return points_fail(POINT_LIBRARY_MEMORY) ? NULL : memory.xRealloc(old, size);
}

/* ---- files ---- */

static int close_(sqlite3_file *file)
{
    return own(file)->pMethods ? own(file)->pMethods->xClose(own(file)) : SQLITE_OK;
}

static int read_(sqlite3_file *file, void *data, int size, sqlite3_int64 at)
{
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_READ : own(file)->pMethods->xRead(own(file), data, size, at);
}

/* Half of it gets there: a card that is full. */
static int write_(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    if (!points_fail(POINT_LIBRARY_FILE))
        return own(file)->pMethods->xWrite(own(file), data, size, at);
    (void)own(file)->pMethods->xWrite(own(file), data, size / 2, at);
    return SQLITE_FULL;
}

static int truncate_(sqlite3_file *file, sqlite3_int64 size)
{
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_TRUNCATE : own(file)->pMethods->xTruncate(own(file), size);
}

static int sync_(sqlite3_file *file, int flags)
{
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_FSYNC : own(file)->pMethods->xSync(own(file), flags);
}

static int size_(sqlite3_file *file, sqlite3_int64 *size)
{
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_FSTAT : own(file)->pMethods->xFileSize(own(file), size);
}

static int lock_(sqlite3_file *file, int level)
{
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_LOCK : own(file)->pMethods->xLock(own(file), level);
}

static int unlock_(sqlite3_file *file, int level)
{
    return own(file)->pMethods->xUnlock(own(file), level);
}

static int reserved_(sqlite3_file *file, int *out)
{
    return own(file)->pMethods->xCheckReservedLock(own(file), out);
}

static int control_(sqlite3_file *file, int what, void *argument)
{
    return own(file)->pMethods->xFileControl(own(file), what, argument);
}

static int sector_(sqlite3_file *file)
{
    return own(file)->pMethods->xSectorSize(own(file));
}

static int traits_(sqlite3_file *file)
{
    return own(file)->pMethods->xDeviceCharacteristics(own(file));
}

/* Version 1: no shared memory. The store locks its files for itself alone and needs none. */
static const sqlite3_io_methods methods = {1,     close_,  read_,     write_,   truncate_, sync_,  size_,
                                           lock_, unlock_, reserved_, control_, sector_,   traits_};

static int open_(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    struct file *f = (struct file *)file;
    f->base.pMethods = NULL;
    f->own = (sqlite3_file *)(f + 1);
    f->own->pMethods = NULL;
    if (points_fail(POINT_LIBRARY_FILE))
        return SQLITE_CANTOPEN;
    int code = disk->xOpen(disk, name, f->own, flags, out_flags);
    if (code == SQLITE_OK)
        f->base.pMethods = &methods;
    return code;
}

static int delete_(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_DELETE : disk->xDelete(disk, name, sync_folder);
}

static int access_(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    return points_fail(POINT_LIBRARY_FILE) ? SQLITE_IOERR_ACCESS : disk->xAccess(disk, name, flags, out);
}

void wrap_sqlite(void)
{
    static sqlite3_mem_methods failing_memory;
    static sqlite3_vfs failing_disk;
    bool good = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) == SQLITE_OK;
    failing_memory = memory;
    failing_memory.xMalloc = allocate;
    failing_memory.xRealloc = reallocate;
    good = good && sqlite3_config(SQLITE_CONFIG_MALLOC, &failing_memory) == SQLITE_OK;
    disk = good ? sqlite3_vfs_find(NULL) : NULL;
    if (!disk)
        abort();
    failing_disk = *disk;
    failing_disk.zName = "failing";
    failing_disk.szOsFile += (int)sizeof(struct file);
    failing_disk.xOpen = open_;
    failing_disk.xDelete = delete_;
    failing_disk.xAccess = access_;
    if (sqlite3_vfs_register(&failing_disk, 1) != SQLITE_OK)
        abort();
}
