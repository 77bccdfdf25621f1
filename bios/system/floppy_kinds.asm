; INT 13h, functions that ask or say what a drive or the disk in it is.

; AH=08h: the drive's largest format. BL = type, CH, CL, DH, DL = number of drives, ES:DI = parameter table.
floppy_geometry:
        mov al, [bda.equipment]
        mov cl, 6
        mov dl, 0
        test al, 1
        jz .counted
        shr al, cl
        and al, 0x03
        inc ax
        mov dl, al
.counted:
        mov [caller_dl], dl
        mov byte [caller_dh], 0
        call floppy_drive_entry
        jc .none
        mov ah, 0
        mov [caller_bx], ax
        mov byte [caller_al], 0
        mov ax, [cs:si]                 ; AL = last cylinder, AH = sectors
        xchg al, ah
        mov [caller_cx], ax
        mov byte [caller_dh], 1
        mov al, [cs:si + 5]
        mov ah, floppy_format_bytes
        mul ah
        add ax, floppy_formats + 4
        mov [caller_di], ax
        mov [caller_es], cs
        mov ah, 0
        ret
.none:
        xor ax, ax
        mov [caller_ax], ax
        mov [caller_bx], ax
        mov [caller_cx], ax
        mov [caller_di], ax
        mov [caller_es], ax
        cmp di, 2                       ; an empty place is no error, a drive that cannot be is
        jb .end
        mov ah, disk_bad_command
.end:
        ret

; AH=15h: 0 no drive, 1 without, 2 with a change line. Not a status.
floppy_kind:
        call floppy_drive_type
        mov ah, 0
        test al, al
        jz .told
        inc ah
        cmp al, 1
        je .told
        inc ah
.told:
        mov [caller_ah], ah
        pop ax                          ; the dispatcher would take it for an error
        mov byte [bda.floppy_status], 0
        jmp int13_floppy.exit

; AH=16h: 06h if the disk was changed.
floppy_change:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        mov ah, disk_changed
        cmp al, 1
        je .done
        call floppy_motor
        call floppy_changed
        mov ah, 0
        jnc .later
        mov ah, disk_changed
.later:
        jmp floppy_motor_later
.done:
        ret

; AH=17h: which disk in which drive will be formatted: 1 360K/360K, 2 360K/1.2M, 3 1.2M/1.2M, 4 720K.
floppy_set_kind:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        mov al, [caller_al]
        dec al
        cmp al, 4
        mov ah, disk_bad_command
        jae .done
        push ax
        call floppy_clear_change
        pop bx
        jc .later
        mov bh, 0
        mov al, [cs:bx + .states]
        mov [di + bda.floppy_media], al
        mov ah, 0
.later:
        jmp floppy_motor_later
.done:
        ret
.states: db 0x93, 0x74, 0x15, 0x97

; AH=18h: CH = last cylinder, CL = sectors: returns the parameter table at ES:DI.
floppy_set_media:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        mov cl, al
        mov dl, 1
        shl dl, cl                      ; the drive's bit
        mov bx, floppy_formats
        mov cx, floppy_formats_count
        mov ax, [caller_cx]
        and al, 0x3f
        xchg al, ah
.look:
        cmp [cs:bx], ax
        jne .other
        test [cs:bx + 3], dl
        jnz .found
.other:
        add bx, floppy_format_bytes
        loop .look
        mov ah, disk_unknown_media
.done:
        ret
.found:
        push bx
        call floppy_clear_change
        pop bx
        jc .later
        lea ax, [bx + 4]
        mov [caller_di], ax
        mov [caller_es], cs
        mov al, [cs:bx + 2]
        mov bl, al
        and bl, 0x03
        mov bh, 0
        test al, al
        jns .single
        mov bh, 0x20
.single:
        call floppy_media_state
        mov [di + bda.floppy_media], al
        mov ah, 0
.later:
        jmp floppy_motor_later

; Motor on and the change line put down. Carry and AH = 80h: there is no disk.
floppy_clear_change:
        call floppy_motor
        call floppy_changed
        jnc .done
        call floppy_ready
        cmp ah, disk_changed
        je .now
        test ah, ah
        jz .done
        stc
        ret
.now:
        clc
.done:
        ret
