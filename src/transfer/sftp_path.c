#include "transfer/sftp_path.h"

#include "base/text.h"

#define SHOWN_DEVICE "/flash:"

/* Bytes of "flash:" or another name of it at the front of a component. */
static size_t
device_length(struct span component)
{
    static const char *const devices[] = {"flash:", "flash0:", "bootflash:"};

    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        char front[sizeof("bootflash:")];
        size_t len = strlen(devices[i]);

        if (component.len < len)
            continue;
        (void)text_copy_span(front, sizeof(front), span_of(component.ptr, len));
        if (text_equal_nocase(front, devices[i]))
            return len;
    }
    return 0;
}

/* Leave the last component; from flash: itself to the top. */
static void
go_up(struct sftp_path *path)
{
    char *slash = strrchr(path->text, '/');

    if (slash == NULL) {
        path->top = path->text[0] == '\0';
        slash = path->text;
    }
    *slash = '\0';
}

static enum err
go_down(struct sftp_path *path, struct span name)
{
    size_t len = strlen(path->text);

    if (memchr(name.ptr, '\0', name.len) != NULL)
        return ERR_FORMAT;
    if (len + 1 + name.len >= sizeof(path->text))
        return ERR_LENGTH;
    if (len > 0)
        path->text[len++] = '/';
    memcpy(path->text + len, name.ptr, name.len);
    path->text[len + name.len] = '\0';
    path->top = false;
    return OK;
}

static enum err
go(struct sftp_path *path, struct span component, bool up)
{
    size_t device = device_length(component);

    if (device > 0) {
        *path = (struct sftp_path){.top = false};
        component = span_of(component.ptr + device, component.len - device);
    }
    if (component.len == 0 || span_is(component, "."))
        return OK;
    if (!span_is(component, ".."))
        return go_down(path, component);
    if (!up)
        return ERR_FORMAT;
    go_up(path);
    return OK;
}

enum err
sftp_path_read(struct span from, bool up, struct sftp_path *path)
{
    *path = (struct sftp_path){.top = from.len > 0 && from.ptr[0] == '/'};
    while (from.len > 0) {
        const uint8_t *slash = memchr(from.ptr, '/', from.len);
        size_t len = slash == NULL ? from.len : (size_t)(slash - from.ptr);
        enum err err = go(path, span_of(from.ptr, len), up);

        if (err != OK)
            return err;
        len += slash != NULL;
        from = span_of(from.ptr + len, from.len - len);
    }
    return OK;
}

void
sftp_path_put(struct buf *to, const struct sftp_path *path)
{
    if (path->top)
        buf_printf(to, "/");
    else
        buf_printf(to, SHOWN_DEVICE "%s%s", path->text[0] == '\0' ? "" : "/",
                   path->text);
}
