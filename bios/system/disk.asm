; INT 13h for hard disks, functions 00h-15h. DS = the extended data area, SI = the disk's record, BP = the caller's
; registers; each function returns its status in AH.

disk_bad:
        mov ah, disk_bad_command
        ret

; AH=00h and 0Dh. 00h resets the floppies as well.
disk_reset:
        cmp byte [caller_ah], 0
        jne .disk_only
        mov ax, 0
        mov dx, 0
        int 0x40
.disk_only:
        call ata_reset
        jc .done
        call ata_set_geometry
.done:
        ret

disk_read:
        mov al, 0
        jmp disk_transfer
disk_write:
        mov al, 2
        jmp disk_transfer
disk_verify:
        mov al, 4
disk_transfer:
        mov [ebda.io_operation], al
        mov al, [caller_al]
        mov byte [caller_al], 0
        mov ah, 0
        cmp ax, 1
        jb disk_bad
        cmp ax, 128
        ja disk_bad
        mov [ebda.io_left], ax
        mov ax, [caller_bx]
        mov [ebda.io_offset], ax
        mov [ebda.io_segment], es
        call disk_address
        jc .done
        call ata_transfer
        mov al, [ebda.io_done]
        mov [caller_al], al
.done:
        ret

; The caller's CHS as ebda.io_lba. Carry and AH = 04h: the disk has no such sector.
disk_address:
        mov al, [caller_dh]
        mov ah, 0
        cmp ax, [si + disk.told_heads]
        jae .none
        mov bx, ax                      ; head
        mov al, [caller_cl]
        and al, 0x3f
        jz .none
        cmp ax, [si + disk.told_sectors]
        ja .none
        mov di, ax                      ; sector
        mov al, [caller_ch]
        mov ah, [caller_cl]
        rol ah, 1
        rol ah, 1
        and ah, 0x03
        mul word [si + disk.told_heads]
        add ax, bx
        adc dx, 0
        mov bx, dx
        mul word [si + disk.told_sectors]
        xchg ax, bx
        mov cx, dx
        mul word [si + disk.told_sectors]
        add ax, cx                      ; AX:BX
        dec di
        add bx, di
        adc ax, 0
        mov [ebda.io_lba], bx
        mov [ebda.io_lba + 2], ax
        xor ax, ax
        mov [ebda.io_lba + 4], ax
        mov [ebda.io_lba + 6], ax
        ret                             ; carry is clear
.none:
        mov ah, disk_not_found
        stc
        ret

; AH=08h
disk_parameters:
        mov ax, [si + disk.told_cylinders]
        dec ax
        mov ch, al
        mov cl, ah
        ror cl, 1
        ror cl, 1
        and cl, 0xc0
        or cl, [si + disk.told_sectors]
        mov [caller_cx], cx
        mov dh, [si + disk.told_heads]
        dec dh
        mov ds, [cs:bda_segment]
        mov dl, [bda.disks]
        mov [caller_dx], dx
        mov byte [caller_al], 0
        mov ah, 0
        ret

; AH=09h
disk_initialise:
        jmp ata_set_geometry

; AH=0Ch
disk_seek_to:
        call disk_address
        jc .done
        call disk_in_range
        jc .done
        mov al, 0x70
        call ata_simple_at_address
.done:
        ret

; Carry and AH = 04h: ebda.io_lba lies beyond the end.
disk_in_range:
        mov ax, [ebda.io_lba]
        sub ax, [si + disk.capacity]
        mov ax, [ebda.io_lba + 2]
        sbb ax, [si + disk.capacity + 2]
        mov ax, [ebda.io_lba + 4]
        sbb ax, [si + disk.capacity + 4]
        mov ax, [ebda.io_lba + 6]
        sbb ax, [si + disk.capacity + 6]
        mov ah, disk_not_found
        cmc
        ret

; AH=10h
disk_ready:
        call ata_select
        mov ah, disk_not_ready
        jc .done
        test al, 0x40
        jz .done
        mov ah, disk_ok
.done:
        ret

; AH=11h
disk_recalibrate:
        mov al, 0x10
        jmp ata_simple

; AH=14h
disk_diagnose:
        call ata_select
        jc .done
        mov al, 0x90
        call ata_begin
        call ata_wait
        jc .done
        mov dx, [si + disk.port]
        inc dx
        in al, dx
        and al, 0x7f
        mov ah, disk_controller
        cmp al, 1
        jne .done
        call ata_set_geometry
.done:
        ret

; AH=15h: AH=3, a disk of CX:DX sectors. Not a status.
disk_type:
        mov ax, [si + disk.chs_capacity]
        mov [caller_dx], ax
        mov ax, [si + disk.chs_capacity + 2]
        mov [caller_cx], ax
        mov byte [caller_ah], 3
        pop ax
        mov ds, [cs:bda_segment]
        mov byte [bda.disk_status], 0
        jmp int13_disk.exit
